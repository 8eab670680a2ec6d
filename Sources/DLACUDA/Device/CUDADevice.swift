/// The properties of a GPU, which the driver reports without a context.
package struct CUDADeviceProperties: Sendable {
  /// Its number, counted from 0.
  package let number: Int
  /// Its maker's name for it.
  package let name: String
  package let capability: Int
  /// Streaming multiprocessors.
  package let multiprocessors: Int
  /// Bytes of its memory.
  package let memoryBytes: Int
  /// Bytes of shared memory that a block of threads may have.
  let sharedBytes: Int
  let ordinal: CUDADriver.Ordinal

  /// Numbers of `CU_DEVICE_ATTRIBUTE_…`.
  private enum Attribute: Int32 {
    case multiprocessorCount = 16
    case capabilityMajor = 75
    case capabilityMinor = 76
    case sharedBytesPerBlockOptIn = 97
  }

  /// Asks the driver.
  ///
  /// - Throws: `CUDAError` with `.noSuchDevice`, or what the driver refuses.
  package init(_ number: Int, of libraries: CUDALibraries) throws(CUDAError) {
    let driver = libraries.driver
    let count = libraries.deviceCount
    guard (0..<count).contains(number) else {
      let others =
        switch count {
        case 0: "the driver has none"
        case 1: "there is cuda:0"
        default: "there are cuda:0 to cuda:\(count - 1)"
        }
      throw CUDAError(.noSuchDevice, "there is no device cuda:\(number); \(others)")
    }
    func require(_ status: Int32) throws(CUDAError) {
      guard status == CUDAStatus.success else {
        throw CUDAError(
          .driver, "device cuda:\(number) can't be asked (\(driver.name(of: status)))")
      }
    }
    var ordinal: CUDADriver.Ordinal = 0
    try require(driver.deviceGet(&ordinal, Int32(number)))
    func attribute(_ attribute: Attribute) throws(CUDAError) -> Int {
      var value: Int32 = 0
      try require(driver.deviceGetAttribute(&value, attribute.rawValue, ordinal))
      return Int(value)
    }
    var characters = [CChar](repeating: 0, count: 256)
    try require(driver.deviceGetName(&characters, Int32(characters.count), ordinal))
    name = String(
      decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    capability = try 10 * attribute(.capabilityMajor) + attribute(.capabilityMinor)
    multiprocessors = try attribute(.multiprocessorCount)
    sharedBytes = try attribute(.sharedBytesPerBlockOptIn)
    var memoryBytes = 0
    try require(driver.deviceTotalMem(&memoryBytes, ordinal))
    (self.memoryBytes, self.number, self.ordinal) = (memoryBytes, number, ordinal)
  }
}

/// One GPU and this process's context on it.
package final class CUDADevice: @unchecked Sendable {
  // Unchecked: driver handles may be used from all threads.
  package let properties: CUDADeviceProperties
  let libraries: CUDALibraries
  var driver: CUDADriver { libraries.driver }
  package var capability: Int { properties.capability }

  private let context: CUDADriver.Handle

  /// The oldest compute capability that NVRTC of CUDA 12 compiles for and the kernels suit.
  static let oldestCapability = 70

  /// Takes a device.
  ///
  /// - Throws: `CUDAError` with `.noSuchDevice`, `.deviceTooOld`, `.outOfMemory`, or what the
  ///   driver refuses.
  package init(_ number: Int, of libraries: CUDALibraries) throws(CUDAError) {
    let driver = libraries.driver
    let properties = try CUDADeviceProperties(number, of: libraries)
    let capability = properties.capability
    guard capability >= Self.oldestCapability else {
      throw CUDAError(
        .deviceTooOld,
        "cuda:\(number) (\(properties.name)) has compute capability \(capability / 10)."
          + "\(capability % 10), \(Self.oldestCapability / 10).\(Self.oldestCapability % 10) or later "
          + "is needed")
    }
    var context: CUDADriver.Handle?
    let status = driver.devicePrimaryCtxRetain(&context, properties.ordinal)
    guard status == CUDAStatus.success, let context else {
      throw CUDAError(
        status == CUDAStatus.outOfMemory ? .outOfMemory : .driver,
        "cuda:\(number) (\(properties.name)) can't be used (\(driver.name(of: status))); do others use "
          + "it, see nvidia-smi?")
    }
    (self.context, self.properties, self.libraries) = (context, properties, libraries)
  }

  deinit { _ = driver.devicePrimaryCtxRelease(properties.ordinal) }

  /// Makes this the current device of the calling thread.
  func makeCurrent() { _ = driver.ctxSetCurrent(context) }

  /// Checks the status of a call of the driver; `action` is its purpose, for instance "start a
  /// kernel".
  ///
  /// - Throws: `CUDAError` with `.lostDevice`, `.outOfMemory` or `.driver`.
  func check(_ status: CUDADriver.Status, _ action: String) throws(CUDAError) {
    guard status != CUDAStatus.success else { return }
    let name = driver.name(of: status)
    if CUDAStatus.losses.contains(status) {
      throw CUDAError(
        .lostDevice,
        "\(self) was lost (\(name), to \(action)); nothing more can be done on it in this process, "
          + "start again, and see nvidia-smi if it stays so")
    }
    throw CUDAError(
      status == CUDAStatus.outOfMemory ? .outOfMemory : .driver,
      "\(self) refused to \(action) (\(name))")
  }

  func outOfMemory(_ bytes: Int, for purpose: String, advice: String) -> CUDAError {
    var free = 0
    var total = 0
    _ = driver.memGetInfo(&free, &total)
    return CUDAError(
      .outOfMemory,
      "\(self) has no \(Self.mebibytes(bytes)) left for \(purpose): \(Self.mebibytes(free)) of "
        + "\(Self.mebibytes(total)) are free; \(advice)")
  }

  private static func mebibytes(_ bytes: Int) -> String { "\((bytes + (1 << 20) - 1) >> 20) MiB" }
}

extension CUDADevice: CustomStringConvertible {
  /// For instance `cuda:0 (NVIDIA H100)`.
  package var description: String { "cuda:\(properties.number) (\(properties.name))" }
}
