import DLABackend
import DLAGraph
import DLASystem
import DLATensor

/// A network prepared for one batch shape on one device: kernels in order, their memory and
/// weights.
///
/// A plan is immutable; every execution context has an arena of its own.
package final class CUDAPlan: Sendable {
  /// The batch shape and the outputs that the plan was made for.
  package let options: PlanOptions
  /// The kernels in the order they run.
  package let steps: [PlanDescription.Step]
  package let kernels: CUDAKernels
  package var device: CUDADevice { kernels.device }
  package let arenaBytes: Int
  /// Channels of the images.
  package let inChannels: Int
  package var weightBytes: Int { weights.bytes }

  let launches: [Launch]
  let weights: DeviceMemory
  /// Bytes of the arena that must be zero before the first run.
  let cleared: Range<Int>
  /// The offset of the images in the arena, and the number of floats.
  let input: (offset: Int, count: Int)
  /// The offset of the scores, [N, pitch] floats.
  let logits: (offset: Int, pitch: Int)
  let classes: Int
  /// The offsets of the levels' feature maps, [N, C, H, W] floats.
  let levels: [(offset: Int, shape: [Int])]

  /// Plans a network and puts its weights on the device.
  ///
  /// Each tensor of `source` is read once. Without `tuning`, candidates are chosen by prediction;
  /// with it all `streams` are taken while they are timed.
  ///
  /// - Throws: `RuntimeError` if the shape does not suit; `CUDAError`; the source's error if a
  ///   tensor can't be read.
  package init(
    _ graph: Graph, weights source: some WeightSource, options: PlanOptions,
    on kernels: CUDAKernels, tuning: Tuning? = nil, streams: FairQueue = FairQueue(count: 1)
  ) throws {
    try graph.requireSuitable(batchSize: options.batchSize, size: options.size)
    let device = kernels.device
    let steps = graph.lowered(for: .inference)
    let kept = (options.returnsFeatures ? graph.levels : []) + [graph.logits]
    let maps = DeviceFeatureMaps(
      graph: graph, steps: steps, images: options.batchSize, size: options.size,
      precision: kernels.precision, kept: kept)
    let tuner = try tuning.map { (tuning) throws(CUDAError) in
      try CUDATuner(tuning, on: kernels, streams: streams, layers: steps.count(where: \.isProduct))
    }
    var builder = LaunchBuilder(
      graph: graph, maps: maps, options: options, kernels: kernels, tuner: tuner)
    try builder.appendInput()
    for step in steps { try builder.append(step) }
    if options.returnsFeatures { try builder.appendLevels() }
    tuner?.finish()

    weights = try DeviceMemory(
      bytes: builder.weightBytes, on: device, for: "weights",
      advice: "end what else uses it (nvidia-smi), or use a smaller network")
    for upload in builder.uploads {
      try weights.write(upload.content(source)[...], at: upload.offset)
    }
    let scratch = builder.arena
    (self.options, self.kernels) = (options, kernels)
    self.steps = builder.steps
    launches = builder.launches
    arenaBytes = scratch.bytes
    cleared = scratch.counters
    inChannels = graph[graph.input].channels
    input = (scratch.input, options.batchSize * inChannels * options.size.area)
    let scores = maps.buffer(of: graph.logits)
    logits = (scores.offset, scores.buffer.pitch)
    classes = graph[graph.logits].channels
    levels = builder.levels
  }
}

extension CUDAPlan {
  package var description: PlanDescription {
    PlanDescription(
      options: options, inChannels: inChannels, steps: steps, arenaBytes: arenaBytes,
      weightBytes: weightBytes)
  }
}

extension LoweredStep {
  /// True if it is a convolution without groups.
  fileprivate var isProduct: Bool {
    if case .convolution(let fused) = operation { fused.convolution.groups == 1 } else { false }
  }
}

extension Graph {
  /// Checks that the network accepts a batch.
  ///
  /// - Throws: `RuntimeError` with `.unsuitableInput`.
  fileprivate func requireSuitable(batchSize: Int, size: SpatialSize) throws(RuntimeError) {
    try requireSuitable(size)
    // Pixels are counted in 32 bits on a device.
    guard batchSize > 0, batchSize * size.area <= Int(Int32.max) / 2 else {
      throw RuntimeError(
        code: .unsuitableInput,
        message:
          "a batch of \(batchSize) images of \(size.height)×\(size.width) pixels was asked for; "
          + "at least one image and at most \(Int(Int32.max) / 2) pixels pass a GPU at once")
    }
  }
}
