import DLASystem

/// The CUDA driver and libraries of this system.
package struct CUDALibraries: Sendable {
  let driver: CUDADriver
  /// CUDA's version that the driver supports, for instance 12.4.
  let driverVersion: (major: Int, minor: Int)
  private let search: LibrarySearch

  /// The oldest driver that has all functions that are used.
  private static let oldestDriver = (major: 11, minor: 4)
  /// CUDA's major versions whose NVRTC is looked for, the newest first.
  private static let majors = [13, 12, 11]

  /// The driver's name where the system keeps libraries.
  package static let usualDriverName = "libcuda.so.1"

  /// Loads the driver, which comes with the system's, and starts it.
  ///
  /// `driverName` is a file, or its name where the system keeps libraries.
  ///
  /// - Throws: `CUDAError` with `.missingLibrary`, `.driverTooOld` or `.noSuchDevice` if there is
  ///   no device at all.
  package init(
    driverName: String = usualDriverName,
    environment: @escaping @Sendable (String) -> String? = Platform.environment
  ) throws(CUDAError) {
    search = LibrarySearch(environment: environment)
    let library: DynamicLibrary
    do {
      library = try DynamicLibrary(driverName)
    } catch {
      throw CUDAError(
        .missingLibrary,
        "no CUDA driver was found (\(error.why)); a GPU needs NVIDIA's")
    }
    do {
      driver = try CUDADriver(library)
    } catch {
      throw CUDAError(
        .driverTooOld,
        "the CUDA driver is too old: \(error.why); install one for CUDA "
          + "\(Self.oldestDriver.major).\(Self.oldestDriver.minor) or later")
    }
    var version: Int32 = 0
    _ = driver.driverGetVersion(&version)
    driverVersion = (Int(version) / 1000, Int(version) % 1000 / 10)
    guard driverVersion >= Self.oldestDriver else {
      throw CUDAError(
        .driverTooOld,
        "the driver supports CUDA \(driverVersion.major).\(driverVersion.minor), "
          + "\(Self.oldestDriver.major).\(Self.oldestDriver.minor) or later is needed; install a newer "
          + "driver")
    }
    let status = driver.initialize(0)
    switch status {
    case CUDAStatus.success: break
    case CUDAStatus.noDevice:
      throw CUDAError(
        .noSuchDevice,
        "the CUDA driver finds no device; does nvidia-smi, and is CUDA_VISIBLE_DEVICES right?")
    case CUDAStatus.systemDriverMismatch, CUDAStatus.compatibilityNotSupported:
      throw CUDAError(
        .driverTooOld,
        "the CUDA library and the kernel's driver do not fit each other "
          + "(\(driver.name(of: status))); restart after an update of the driver")
    default:
      throw CUDAError(.driver, "the CUDA driver does not start (\(driver.name(of: status)))")
    }
  }

  /// The number of devices.
  package var deviceCount: Int {
    var count: Int32 = 0
    return driver.deviceGetCount(&count) == CUDAStatus.success ? Int(count) : 0
  }

  /// The compiler of kernels for devices of a compute capability, 90 for 9.0.
  ///
  /// - Returns: the newest that knows them and whose machine code this driver takes.
  /// - Throws: `CUDAError` with `.missingLibrary` if there is none.
  func compiler(for capability: Int) throws(CUDAError) -> NVRTC {
    var found: [String] = []
    for major in Self.majors where major <= driverVersion.major {
      // NVRTC's file is named by the major version, but for CUDA 11, where it has been 11.2 ever
      // since.
      let name = "libnvrtc.so.\(major == 11 ? "11.2" : "\(major)")"
      guard let library = search.first(of: [name]), let compiler = try? NVRTC(library) else {
        continue
      }
      if compiler.capabilities.contains(capability) { return compiler }
      found.append("\(compiler.version.major).\(compiler.version.minor)")
    }
    let version = "\(driverVersion.major).\(driverVersion.minor)"
    let what =
      found.isEmpty
      ? "no NVRTC, which compiles the kernels, was found for this driver's CUDA \(version), whose major "
        + "version it must not exceed"
      : "NVRTC \(found.joined(separator: " and ")) was found, which does not know compute capability "
        + "\(capability / 10).\(capability % 10)"
    throw CUDAError(
      .missingLibrary,
      "\(what); pip install --upgrade nvidia-cuda-nvrtc-cu\(min(driverVersion.major, 12)), or name a "
        + "toolkit by CUDA_HOME")
  }

  /// The version of cuDNN, which other programs need and this one does not.
  var cuDNNVersion: (version: Int, path: String)? {
    guard let library = search.first(of: ["libcudnn.so.9", "libcudnn.so.8"]) else { return nil }
    typealias GetVersion = @convention(c) () -> Int
    guard let getVersion = try? library.function("cudnnGetVersion", as: GetVersion.self) else {
      return nil
    }
    return (getVersion(), library.name)
  }
}
