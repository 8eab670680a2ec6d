import DLATensor

/// The working memory of one run of a plan, and the plan as one CUDA graph on it.
///
/// Not thread-safe: make one for each thread. Runs of several threads overlap, so
/// that copies of one overlap with the kernels of another.
package final class CUDAExecutionContext: @unchecked Sendable {
  // Unchecked: one caller at a time; the properties never change.
  // In the order of their release: the graph before its memory, the plan's kernels last.
  private let graph: CUDAGraph
  private let input: StagingFloats
  private let scores: StagingFloats
  private let maps: [StagingFloats]
  private let arena: DeviceMemory
  private let stream: CUDAStream
  private let plan: CUDAPlan

  /// Takes memory for a run.
  ///
  /// - Throws: `CUDAError`.
  package init(_ plan: CUDAPlan) throws(CUDAError) {
    self.plan = plan
    let device = plan.device
    let stream = try CUDAStream(on: device)
    let arena = try DeviceMemory(
      bytes: plan.arenaBytes, on: device, for: "maps of \(plan.options.batchSize) images")
    try arena.clear(plan.cleared)
    graph = try stream.capture { () throws(CUDAError) in
      for launch in plan.launches {
        try launch.start(in: stream, arena: arena.address, weights: plan.weights.address)
      }
    }
    input = try StagingFloats(count: plan.input.count, for: device)
    scores = try StagingFloats(count: plan.options.batchSize * plan.logits.pitch, for: device)
    var maps: [StagingFloats] = []
    for level in plan.levels {
      maps.append(try StagingFloats(count: level.shape.reduce(1, *), for: device))
    }
    (self.maps, self.stream, self.arena) = (maps, stream, arena)
  }

  deinit {
    // Enqueued work must not outlive its memory.
    try? stream.synchronize()
  }

  /// Runs the network on one batch, [N, C, H, W] of the plan's shape, and waits for its results.
  ///
  /// - Throws: `CUDAError` with `.lostDevice` if the device fails.
  /// - Precondition: `images` has as many elements as the plan's batch.
  package func callAsFunction(_ images: UnsafeBufferPointer<Float>) throws(CUDAError) {
    precondition(
      images.count == plan.input.count,
      "a batch of this plan has \(plan.input.count) numbers, \(images.count) were given")
    plan.device.makeCurrent()
    _ = input.floats.update(fromContentsOf: images)
    try stream.copy(UnsafeBufferPointer(input.floats), to: address(plan.input.offset))
    try stream.start(graph)
    try stream.copy(address(plan.logits.offset), to: scores.floats)
    for (level, map) in zip(plan.levels, maps) {
      try stream.copy(address(level.offset), to: map.floats)
    }
    try stream.synchronize()
  }

  /// The class scores of the last batch, [N, classes].
  package var logits: Tensor {
    let (classes, pitch) = (plan.classes, plan.logits.pitch)
    let rows = (0..<plan.options.batchSize).flatMap { image in
      scores.floats[image * pitch..<image * pitch + classes]
    }
    return Tensor(shape: [plan.options.batchSize, classes], elements: rows)
  }

  /// The feature maps of levels 0 to 5 of the last batch, each [N, C, H, W]; none unless the plan
  /// keeps them.
  package var levels: [Tensor] {
    zip(plan.levels, maps).map { Tensor(shape: $0.shape, elements: Array($1.floats)) }
  }

  /// Runs the network twice on the images of the last batch, which are on the device already,
  /// leaves the results there and times the second run: by then it has been started, so that only
  /// the device's work counts.
  ///
  /// - Returns: its seconds, by the device's clock.
  /// - Throws: `CUDAError`.
  package func secondsOnDevice() throws(CUDAError) -> Double {
    plan.device.makeCurrent()
    try stream.start(graph)
    return try stream.time { () throws(CUDAError) in try stream.start(graph) }
  }

  /// Runs the network on the images of the last batch and measures every kernel, each repeated
  /// alone until the clock's own steps do not count.
  ///
  /// - Returns: the seconds of each of the plan's steps.
  /// - Throws: `CUDAError`.
  package func profile(count: Int) throws(CUDAError) -> [Double] {
    plan.device.makeCurrent()
    var result: [Double] = []
    for launch in plan.launches {
      let repeated = try stream.capture { () throws(CUDAError) in
        for _ in 0..<count { try start(launch) }
      }
      try stream.start(repeated)
      let seconds = try stream.time { () throws(CUDAError) in try stream.start(repeated) }
      result.append(seconds / Double(count))
    }
    return result
  }

  private func start(_ launch: Launch) throws(CUDAError) {
    try launch.start(in: stream, arena: arena.address, weights: plan.weights.address)
  }

  private func address(_ offset: Int) -> CUDADriver.Address { arena.address + UInt64(offset) }
}

extension CUDAStream {
  /// The seconds, by the device's clock, of the work that `body` enqueues; waits for it.
  func time(_ body: () throws(CUDAError) -> Void) throws(CUDAError) -> Double {
    let start = try CUDAEvent(on: device)
    let end = try CUDAEvent(on: device)
    try start.record(in: self)
    try body()
    try end.record(in: self)
    try synchronize()
    return try end.seconds(since: start)
  }
}
