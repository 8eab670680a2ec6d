import CDLACUDAKernels
import DLABackend
import DLAGraph
import DLASystem
import DLAText

/// All kernels of a precision on a device, loaded once for all plans.
package final class CUDAKernels: Sendable {
  package let precision: Precision
  package let device: CUDADevice
  /// The same kernels for each arithmetic, the likelier first.
  let modules: [KernelModule]

  /// Loads kernels; those that are not cached are compiled, which takes seconds.
  ///
  /// Without a cache they are always compiled; without `arithmetics` all that the device supports
  /// are.
  ///
  /// - Throws: `CUDAError` with `.unsupportedPrecision`, `.missingLibrary`, `.compilation`,
  ///   `.driverTooOld`, or what the driver refuses.
  package init(
    _ precision: Precision, on device: CUDADevice, cache: CacheFolder? = nil,
    arithmetics: [Arithmetic]? = nil
  ) throws(CUDAError) {
    (self.precision, self.device) = (precision, device)
    let chosen = if let arithmetics { arithmetics } else { try precision.arithmetics(on: device) }
    var modules: [KernelModule] = []
    for arithmetic in chosen {
      modules.append(
        try KernelModule(
          precision, arithmetic, on: device, cache: cache.map { KernelCache(files: $0.gpuKernels) })
      )
    }
    self.modules = modules
  }

  /// The kernels of one of the loaded arithmetics.
  func module(_ arithmetic: Arithmetic) -> KernelModule {
    guard let module = modules.first(where: { $0.arithmetic == arithmetic }) else {
      preconditionFailure("no kernels are loaded for \(arithmetic.rawValue)")
    }
    return module
  }

  /// The names of all candidates for convolutions, see `PlanOptions.algorithm`.
  package var choices: [String] {
    ConvolutionChoice.all(modules.map(\.arithmetic), on: device).map(\.name)
  }
}

/// Compiled kernels on a device.
final class KernelModule: @unchecked Sendable {
  // Unchecked: driver handles may be used from all threads.
  let arithmetic: Arithmetic
  private let device: CUDADevice
  private let handle: CUDADriver.Handle
  private let kernels = Locked<[String: Kernel]>([:])

  struct Kernel: @unchecked Sendable {
    // Unchecked: driver handles may be used from all threads.
    let name: String
    let handle: CUDADriver.Handle
  }

  /// Loads kernels from the cache, or compiles them.
  ///
  /// - Throws: `CUDAError` with `.missingLibrary` if NVRTC is needed and not there, `.compilation`,
  ///   `.driverTooOld` if the driver does not take them.
  init(
    _ precision: Precision, _ arithmetic: Arithmetic, on device: CUDADevice, cache: KernelCache?
  ) throws(CUDAError) {
    let options = KernelSource.options(precision, arithmetic, capability: device.capability)
    let source = KernelSource.program
    (self.arithmetic, self.device) = (arithmetic, device)
    if let kept = cache?.binary(source, options) {
      do {
        handle = try Self.load(kept, on: device)
        return
      } catch  where error.code == .driver || error.code == .driverTooOld {
        // Stored by another driver and not accepted by this one: compile again.
      }
    }
    let compiler = try device.libraries.compiler(for: device.capability)
    let output = compiler.compile(source, options: options)
    guard !output.binary.isEmpty else {
      let lines = output.log.split(whereSeparator: \.isNewline).map(String.init)
      let line = lines.first { $0.contains("error") } ?? lines.first ?? "it does not say why"
      throw CUDAError(
        .compilation,
        "NVRTC \(compiler.version.major).\(compiler.version.minor) does not compile the kernels for "
          + "\(device), compute capability \(device.capability / 10).\(device.capability % 10): "
          + "\(printable(line, limit: 200))")
    }
    handle = try Self.load(output.binary, on: device)
    cache?.save(output.binary, source, options)
  }

  deinit {
    device.makeCurrent()
    _ = device.driver.moduleUnload(handle)
  }

  private static func load(
    _ binary: [UInt8], on device: CUDADevice
  ) throws(CUDAError) -> CUDADriver.Handle {
    device.makeCurrent()
    var handle: CUDADriver.Handle?
    let status = binary.withUnsafeBytes { bytes in
      bytes.baseAddress.map { device.driver.moduleLoadData(&handle, $0) } ?? CUDAStatus.success
    }
    guard status != CUDAStatus.noBinaryForGPU else {
      throw CUDAError(
        .driverTooOld,
        "the driver does not take kernels of this NVRTC for \(device); install a newer "
          + "driver")
    }
    try device.check(status, "load kernels")
    guard let handle else { throw CUDAError(.driver, "\(device) loaded no kernels") }
    return handle
  }

  /// A kernel, which may use this much shared memory from now on.
  func kernel(_ name: String, sharedBytes: Int = 0) throws(CUDAError) -> Kernel {
    try kernels.withLock { (kernels) throws(CUDAError) in
      if let known = kernels[name] { return known }
      device.makeCurrent()
      var handle: CUDADriver.Handle?
      try device.check(device.driver.moduleGetFunction(&handle, self.handle, name), "find \(name)")
      guard let handle else { throw CUDAError(.driver, "\(device) has no kernel \(name)") }
      if sharedBytes > Self.freeSharedBytes {
        try device.check(
          device.driver.funcSetAttribute(
            handle, Self.maximumDynamicSharedBytes, Int32(sharedBytes)),
          "give \(name) \(sharedBytes) bytes of shared memory")
      }
      let kernel = Kernel(name: name, handle: handle)
      kernels[name] = kernel
      return kernel
    }
  }

  /// The shared memory of a block that needs no attribute.
  private static let freeSharedBytes = 48 << 10
  /// `CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES`.
  private static let maximumDynamicSharedBytes: Int32 = 8
}

/// The source of the kernels and the options of the compiler.
package enum KernelSource {
  /// All files as one program; each depends only on those before it.
  package static let program: String = (0..<Int(dla_cuda_source_count)).map { index in
    let source = dla_cuda_source_at(Int32(index))
    return "#line 1 \"\(String(cString: source.name)).cu\"\n" + String(cString: source.text)
  }.joined()

  package static func options(_ precision: Precision, _ arithmetic: Arithmetic, capability: Int)
    -> [String]
  {
    [
      "--gpu-architecture=sm_\(capability)", "--std=c++17", "-DSTORED=\(precision.storedType)",
      "-DARITHMETIC=\(arithmetic.kernelType)",
    ]
  }
}

/// Compiled kernels in files.
///
/// A driver trusts machine code, so a file begins with the hash of the rest and is not used if that
/// does not match.
struct KernelCache: Sendable {
  let files: CachedFiles

  /// The machine code of a source compiled with options; nil if there is none, or it is not whole.
  func binary(_ source: String, _ options: [String]) -> [UInt8]? {
    let name = Self.name(source, options)
    guard let file = files.file(name) else { return nil }
    let content = withExtendedLifetime(file) { Array($0.bytes) }
    let binary = Array(content.dropFirst(8))
    // Drivers take anything else for text that ends with a zero.
    guard binary.starts(with: [0x7F] + Array("ELF".utf8)),
      Array(content.prefix(8)) == Self.hash(binary)
    else { return nil }
    files.touch(name)
    return binary
  }

  func save(_ binary: [UInt8], _ source: String, _ options: [String]) {
    Self.hash(binary).withUnsafeBytes { hash in
      binary.withUnsafeBytes { binary in
        _ = files.save(Self.name(source, options), [hash, binary])
      }
    }
  }

  private static func name(_ source: String, _ options: [String]) -> String {
    let text = ([source] + options).joined(separator: "\0")
    return String(Array(text.utf8).withUnsafeBytes { xxHash64($0) }, radix: 16)
  }

  private static func hash(_ bytes: [UInt8]) -> [UInt8] {
    let hash = bytes.withUnsafeBytes { xxHash64($0) }
    return (0..<8).map { UInt8(truncatingIfNeeded: hash >> (8 * $0)) }
  }
}
