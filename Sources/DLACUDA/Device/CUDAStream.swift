/// Work of a device that is done in order; several streams run at the same time.
final class CUDAStream: @unchecked Sendable {
  // Unchecked: driver handles may be used from all threads.
  let device: CUDADevice
  let handle: CUDADriver.Handle

  /// `CU_STREAM_NON_BLOCKING`: it does not wait for the legacy stream.
  private static let nonBlocking: UInt32 = 1
  /// `CU_STREAM_CAPTURE_MODE_THREAD_LOCAL`: what other threads do meanwhile is theirs.
  private static let captureOfThisThread: Int32 = 1

  init(on device: CUDADevice) throws(CUDAError) {
    device.makeCurrent()
    var handle: CUDADriver.Handle?
    try device.check(device.driver.streamCreate(&handle, Self.nonBlocking), "make a stream")
    guard let handle else { throw CUDAError(.driver, "\(device) gave no stream") }
    (self.device, self.handle) = (device, handle)
  }

  deinit {
    device.makeCurrent()
    _ = device.driver.streamDestroy(handle)
  }

  /// Waits until all is done.
  ///
  /// - Throws: `CUDAError` with `.lostDevice` if something of it failed.
  func synchronize() throws(CUDAError) {
    device.makeCurrent()
    try device.check(device.driver.streamSynchronize(handle), "finish its work")
  }

  /// Copies to the device; the floats must stay as they are until that is done.
  func copy(_ source: UnsafeBufferPointer<Float>, to address: CUDADriver.Address) throws(CUDAError)
  {
    guard let base = source.baseAddress else { return }
    let bytes = source.count * MemoryLayout<Float>.stride
    try device.check(device.driver.memcpyHtoDAsync(address, base, bytes, handle), "copy images")
  }

  /// Copies from the device; the floats must not be read until that is done.
  func copy(_ address: CUDADriver.Address, to target: UnsafeMutableBufferPointer<Float>)
    throws(CUDAError)
  {
    guard let base = target.baseAddress else { return }
    let bytes = target.count * MemoryLayout<Float>.stride
    try device.check(device.driver.memcpyDtoHAsync(base, address, bytes, handle), "copy results")
  }

  /// Captures the work that `body` enqueues in this stream as a graph, without running it.
  func capture(_ body: () throws(CUDAError) -> Void) throws(CUDAError) -> CUDAGraph {
    device.makeCurrent()
    try device.check(
      device.driver.streamBeginCapture(handle, Self.captureOfThisThread), "record a graph")
    var failure: CUDAError?
    do { try body() } catch { failure = error }
    var graph: CUDADriver.Handle?
    let status = device.driver.streamEndCapture(handle, &graph)
    defer { if let graph { _ = device.driver.graphDestroy(graph) } }
    if let failure { throw failure }
    try device.check(status, "record a graph")
    guard let graph else { throw CUDAError(.driver, "\(device) gave no graph") }
    return try CUDAGraph(graph, on: device)
  }

  /// Starts a graph.
  func start(_ graph: CUDAGraph) throws(CUDAError) {
    try device.check(device.driver.graphLaunch(graph.handle, handle), "start the network")
  }
}

/// Kernels that are started together, by one call.
final class CUDAGraph: @unchecked Sendable {
  // Unchecked: driver handles may be used from all threads.
  let handle: CUDADriver.Handle
  private let device: CUDADevice

  init(_ graph: CUDADriver.Handle, on device: CUDADevice) throws(CUDAError) {
    var handle: CUDADriver.Handle?
    try device.check(device.driver.graphInstantiate(&handle, graph, 0), "make a graph ready")
    guard let handle else { throw CUDAError(.driver, "\(device) gave no graph") }
    (self.handle, self.device) = (handle, device)
  }

  deinit {
    device.makeCurrent()
    _ = device.driver.graphExecDestroy(handle)
  }
}

/// A moment in a stream, by the device's clock.
final class CUDAEvent {
  private let device: CUDADevice
  private let handle: CUDADriver.Handle

  init(on device: CUDADevice) throws(CUDAError) {
    device.makeCurrent()
    var handle: CUDADriver.Handle?
    try device.check(device.driver.eventCreate(&handle, 0), "make an event")
    guard let handle else { throw CUDAError(.driver, "\(device) gave no event") }
    (self.device, self.handle) = (device, handle)
  }

  deinit {
    device.makeCurrent()
    _ = device.driver.eventDestroy(handle)
  }

  /// Records the time at which the work in the stream is done.
  func record(in stream: CUDAStream) throws(CUDAError) {
    try device.check(device.driver.eventRecord(handle, stream.handle), "note the time")
  }

  /// Seconds from another event to this one; both must have happened.
  func seconds(since start: CUDAEvent) throws(CUDAError) -> Double {
    var milliseconds: Float = 0
    try device.check(
      device.driver.eventElapsedTime(&milliseconds, start.handle, handle), "tell the time")
    return Double(milliseconds) * 1e-3
  }
}
