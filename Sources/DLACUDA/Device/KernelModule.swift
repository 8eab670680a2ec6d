import DLABackend
import DLASystem
import DLAText

/// Compiled kernels on a device.
final class KernelModule: @unchecked Sendable {
  let arithmetic: Arithmetic
  private let device: CUDADevice
  private let handle: CUDADriver.Handle
  private let kernels = Locked<[String: Kernel]>([:])

  /// One kernel.
  struct Kernel: @unchecked Sendable {
    let name: String
    let handle: CUDADriver.Handle
  }

  /// Loads kernels, which are compiled if the cache has them not.
  ///
  /// - Throws: `CUDAError` with `.missingLibrary` if NVRTC is needed and not there, `.compilation`,
  ///   `.driverTooOld` if the driver does not take them.
  init(
    _ precision: Precision, _ arithmetic: Arithmetic, on device: CUDADevice, cache: KernelCache?
  ) throws(CUDAError) {
    let options = KernelSource.options(
      precision, arithmetic, capability: device.capability)
    let source = KernelSource.program
    self.arithmetic = arithmetic
    self.device = device
    if let kept = cache?.binary(source, options) {
      do {
        handle = try Self.load(kept, on: device)
        return
      } catch  where error.code == .driver || error.code == .driverTooOld {
        // Kept by another driver, which took what this one does not: compiled anew.
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

  /// A kernel, which may from now on have so much shared memory.
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

  /// What every block may have without asking.
  private static let freeSharedBytes = 48 << 10
  /// `CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES`.
  private static let maximumDynamicSharedBytes: Int32 = 8
}
