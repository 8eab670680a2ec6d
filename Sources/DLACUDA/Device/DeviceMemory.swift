/// Memory of a device, released with its owner.
final class DeviceMemory: @unchecked Sendable {
  // Unchecked: an address in the device; streams order its use.
  let device: CUDADevice
  let address: CUDADriver.Address
  let bytes: Int

  /// Takes memory, whose content is anything; errors name `purpose` and `advice`.
  ///
  /// - Throws: `CUDAError` with `.outOfMemory`, `.lostDevice` or `.driver`.
  init(
    bytes: Int, on device: CUDADevice, for purpose: String,
    advice: String = "use a smaller batch or image, or fewer streams"
  ) throws(CUDAError) {
    device.makeCurrent()
    var address: CUDADriver.Address = 0
    let status = device.driver.memAlloc(&address, max(1, bytes))
    guard status != CUDAStatus.outOfMemory else {
      throw device.outOfMemory(bytes, for: purpose, advice: advice)
    }
    try device.check(status, "give memory for \(purpose)")
    (self.device, self.address, self.bytes) = (device, address, bytes)
  }

  deinit {
    device.makeCurrent()
    _ = device.driver.memFree(address)
  }

  /// Fills it from an offset on, and waits until it is.
  func write(_ source: ArraySlice<UInt8>, at offset: Int) throws(CUDAError) {
    precondition(
      offset >= 0 && offset + source.count <= bytes,
      "\(source.count) bytes at \(offset) do not fit into \(bytes)")
    device.makeCurrent()
    let status = source.withUnsafeBytes { bytes in
      bytes.baseAddress.map { device.driver.memcpyHtoD(address + UInt64(offset), $0, bytes.count) }
    }
    try device.check(status ?? CUDAStatus.success, "copy weights")
    try awaitWrites()
  }

  /// Sets a range of bytes to zero, and waits until it is.
  func clear(_ range: Range<Int>) throws(CUDAError) {
    precondition(range.upperBound <= bytes, "\(range) is beyond \(bytes) bytes")
    guard !range.isEmpty else { return }
    device.makeCurrent()
    try device.check(
      device.driver.memsetD8(address + UInt64(range.lowerBound), 0, range.count), "clear memory")
    try awaitWrites()
  }
}

extension DeviceMemory {
  /// Waits for calls that name no stream: ours do not wait for them.
  private func awaitWrites() throws(CUDAError) {
    try device.check(device.driver.streamSynchronize(nil), "finish a copy")
  }
}

/// Floats of the host that a device copies from and to while both go on (pinned memory).
final class StagingFloats: @unchecked Sendable {
  // Unchecked: the pointer never changes; one execution context uses the floats.
  let floats: UnsafeMutableBufferPointer<Float>
  private let device: CUDADevice

  /// Takes memory for `count` floats, whose content is anything.
  ///
  /// - Throws: `CUDAError` with `.outOfMemory`, `.lostDevice` or `.driver`.
  init(count: Int, for device: CUDADevice) throws(CUDAError) {
    device.makeCurrent()
    var address: UnsafeMutableRawPointer?
    let bytes = max(1, count) * MemoryLayout<Float>.stride
    let status = device.driver.memHostAlloc(&address, bytes, 0)
    guard status != CUDAStatus.outOfMemory else {
      throw CUDAError(
        .outOfMemory,
        "\(bytes) bytes of this machine's memory could not be held for \(device); "
          + "use a smaller batch or image")
    }
    try device.check(status, "hold memory of this machine")
    guard let address else { throw CUDAError(.driver, "\(device) gave no memory") }
    self.device = device
    floats = UnsafeMutableBufferPointer(
      start: address.bindMemory(to: Float.self, capacity: max(1, count)), count: count)
  }

  deinit {
    device.makeCurrent()
    if let base = floats.baseAddress { _ = device.driver.memFreeHost(base) }
  }
}
