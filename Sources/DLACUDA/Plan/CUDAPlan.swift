import DLABackend
import DLAGraph
import DLATensor

/// A network made ready for one batch shape on one device: which kernels run, in which order, on which
/// memory, with which weights.
///
/// A plan never changes; every run has an arena of its own.
package final class CUDAPlan: Sendable {
  /// What a plan is made for.
  package struct Options: Sendable, Equatable {
    /// Images of a batch.
    package var batchSize: Int
    /// Height and width of the images.
    package var size: SpatialSize
    /// Whether the maps of levels 0 to 5 can be read after a run.
    package var returnsFeatures: Bool
    /// How convolutions are computed wherever it can be, as steps name it; nil for what is expected, or
    /// measured, to be the fastest.
    package var choice: String?

    /// Describes a plan.
    ///
    /// - Parameters:
    ///   - batchSize: images of a batch.
    ///   - size: height and width of the images.
    ///   - returnsFeatures: whether the maps of levels 0 to 5 can be read after a run.
    ///   - choice: how convolutions are computed wherever it can be, for instance `split 64x64/2`.
    package init(
      batchSize: Int, size: SpatialSize, returnsFeatures: Bool = false, choice: String? = nil
    ) {
      self.batchSize = batchSize
      self.size = size
      self.returnsFeatures = returnsFeatures
      self.choice = choice
    }
  }

  /// One kernel of the plan, for people.
  package struct Step: Sendable {
    /// The layer.
    package let name: String
    /// The kernel, and how it cuts its work.
    package let kernel: String
    /// Its numbers; nil for steps without weights.
    package let convolution: Convolution?
    /// The size of its output.
    package let size: SpatialSize
  }

  /// What the plan was made for.
  package let options: Options
  /// What runs, in order.
  package let steps: [Step]
  /// Its kernels, which stay loaded while anything runs.
  package let kernels: CUDAKernels
  /// Where it runs.
  package var device: CUDADevice { kernels.device }
  /// Bytes of working memory of one run.
  package let arenaBytes: Int
  /// Channels of the images.
  package let inChannels: Int
  /// Bytes of weights.
  package var weightBytes: Int { weights.bytes }

  let launches: [Launch]
  let weights: DeviceMemory
  /// Bytes of the arena that must be zero before the first run.
  let cleared: Range<Int>
  /// Where the images are expected in the arena, and how many floats they are.
  let input: (offset: Int, count: Int)
  /// Where the scores lie, [N, pitch] floats.
  let logits: (offset: Int, pitch: Int)
  let classes: Int
  /// Where the maps of the levels lie, [N, C, H, W] floats.
  let levels: [(offset: Int, shape: [Int])]

  /// Plans a network and puts its weights on the device.
  ///
  /// - Parameters:
  ///   - graph: the network.
  ///   - source: its weights; each tensor is read once.
  ///   - options: batch shape.
  ///   - kernels: what it computes with, and where.
  ///   - tuning: has convolutions timed in several ways, beside no other work of the device; nil to
  ///     choose by prediction.
  /// - Throws: `RuntimeError` if the shape does not suit; `CUDAError`; the source's error if a tensor
  ///   can't be read.
  package init(
    _ graph: Graph, weights source: some WeightSource, options: Options, on kernels: CUDAKernels,
    tuning: Tuning? = nil
  ) throws {
    try graph.requireSuitable(batchSize: options.batchSize, size: options.size)
    let device = kernels.device
    let steps = graph.lowered(for: .inference)
    let kept = (options.returnsFeatures ? graph.levels : []) + [graph.logits]
    let maps = DeviceFeatureMaps(
      graph: graph, steps: steps, images: options.batchSize, size: options.size,
      precision: kernels.precision, kept: kept)
    let tuner = try tuning.map { (tuning) throws(CUDAError) in
      try CUDATuner(tuning, on: device, layers: steps.count(where: \.isProduct))
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
    self.options = options
    self.kernels = kernels
    self.steps = builder.steps
    launches = builder.launches
    arenaBytes = scratch.bytes
    cleared = scratch.arrivals
    inChannels = graph[graph.input].channels
    input = (scratch.input, options.batchSize * inChannels * options.size.area)
    let scores = maps.buffer(of: graph.logits)
    logits = (scores.offset, scores.buffer.pitch)
    classes = graph[graph.logits].channels
    levels = builder.levels
  }
}

extension LoweredStep {
  /// Whether it is a convolution without groups.
  fileprivate var isProduct: Bool {
    if case .convolution(let fused) = operation { fused.convolution.groups == 1 } else { false }
  }
}

extension Graph {
  /// Holds a batch to what the network takes.
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
