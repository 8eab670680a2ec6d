import DLACore

/// What of CUDA is on this machine.
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
  /// - Parameters:
  ///   - driverName: the driver's file, or its name where the system keeps libraries.
  ///   - environment: the value of an environment variable, nil if it is not set.
  /// - Throws: `CUDAError` with `.missingLibrary`, `.driverTooOld` or `.noSuchDevice` if there is no
  ///   device at all.
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
        "no CUDA driver was found (\(error.why)); a GPU needs NVIDIA's, --device cpu needs none")
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

  /// How many devices there are.
  package var deviceCount: Int {
    var count: Int32 = 0
    return driver.deviceGetCount(&count) == CUDAStatus.success ? Int(count) : 0
  }

  /// The compiler of kernels.
  ///
  /// - Returns: the newest whose machine code this driver takes.
  /// - Throws: `CUDAError` with `.missingLibrary` if there is none.
  func compiler() throws(CUDAError) -> NVRTC {
    let fitting = Self.majors.filter { $0 <= driverVersion.major }
    // NVRTC's file is named by the major version since 11.3 (11.2 for all that follow in 11).
    if let library = search.first(of: fitting.map { "libnvrtc.so.\($0 == 11 ? "11.2" : "\($0)")" }),
      let compiler = try? NVRTC(library)
    {
      return compiler
    }
    throw CUDAError(
      .missingLibrary,
      "no NVRTC of CUDA \(fitting.map(String.init).joined(separator: " or ")), which compiles the "
        + "kernels, was found; pip install nvidia-cuda-nvrtc-cu\(min(driverVersion.major, 12)), or "
        + "set CUDA_HOME")
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
