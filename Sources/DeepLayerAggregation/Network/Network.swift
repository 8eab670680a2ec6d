import DLABackend
import DLACPU
import DLACheckpoints
import DLAGraph
import DLAModels
import DLASystem
import DLATensor

/// A DLA network with its weights, ready to run on batches of any suitable shape.
///
/// It may be used from several threads and tasks at once: as many calls run at the same time as
/// ``Configuration/streams`` allows, others wait for their turn.
public final class Network: Sendable {
  /// The device, threads and caches that a network uses.
  ///
  /// On the CPU, all threads on one batch give the lowest latency. Several streams give the highest
  /// throughput if calls come at the same time, because fewer threads wait for each other.
  public struct Configuration: Sendable {
    /// The device that computes.
    public var device: Device
    /// The data type of computation; the CPU supports `.fp32` only.
    public var precision: Precision
    /// The number of threads; for a GPU those that prepare images.
    public var threads: Int
    /// The number of batches that run at the same time, 1 to ``threads`` on the CPU.
    ///
    /// On the CPU each stream has `threads / streams` threads, rounded down, so that one plan and its
    /// packed weights serve all streams; remaining threads stay idle. On a GPU, copies of one stream
    /// overlap with computation of another. Each stream in use has its own working memory.
    public var streams: Int
    /// The vector instructions to use on the CPU.
    public var instructionSet: InstructionSet
    /// The cache of packed weights, and of kernels compiled for a GPU; nil for none.
    public var cache: CacheFolder?
    /// Selects algorithms by timing them when a batch of a new shape arrives; nil to select them by
    /// a cost model, which always gives the same plan.
    public var tuning: Tuning?

    /// Makes a configuration.
    ///
    /// - Parameters:
    ///   - device: the device that computes.
    ///   - precision: the data type of computation.
    ///   - threads: the number of threads; nil for all processors.
    ///   - streams: the number of batches that run at the same time.
    ///   - instructionSet: the vector instructions to use on the CPU.
    ///   - cache: the cache of packed weights, for instance `.user`.
    ///   - tuning: selects algorithms by timing them, for instance `Tuning(cache: .user)`.
    public init(
      device: Device = .cpu, precision: Precision = .fp32, threads: Int? = nil, streams: Int = 1,
      instructionSet: InstructionSet = .best, cache: CacheFolder? = nil,
      tuning: Tuning? = nil
    ) {
      (self.device, self.precision) = (device, precision)
      self.threads = threads ?? Platform.processorCount
      (self.streams, self.instructionSet, self.cache) = (streams, instructionSet, cache)
      self.tuning = tuning
    }
  }

  /// The results for one batch.
  public struct Output: Sendable {
    /// The class scores, [N, classes].
    public let logits: Tensor
    /// The outputs of levels 0 to 5, each [N, C, H, W]; empty if they were not requested.
    public let levels: [Tensor]
  }

  /// The model.
  public let variant: Variant
  /// The network as a graph.
  public let graph: Graph
  /// The device, threads and caches that the network uses.
  public let configuration: Configuration
  /// Threads that run the asynchronous calls: one more than streams, so that the next image is
  /// prepared meanwhile.
  package let work: BlockingWork

  private let weights: any WeightSource
  private let backend: any Backend

  /// Makes a network.
  ///
  /// - Parameters:
  ///   - variant: the model.
  ///   - weights: its tensors; they are read when a batch of a new shape arrives.
  ///   - classes: the number of classes.
  ///   - inChannels: channels of the images.
  ///   - configuration: the device, threads and caches to use.
  /// - Throws: `RuntimeError` with `.unsuitableConfiguration` if there is no thread or stream, if
  ///   streams outnumber threads, or if the CPU is to compute with another type than float32;
  ///   `CUDAError` if a GPU is requested and can't be used.
  public init(
    _ variant: Variant, weights: some WeightSource, classes: Int = 1000, inChannels: Int = 3,
    configuration: Configuration = Configuration()
  ) throws {
    let graph = variant.graph(classes: classes, inChannels: inChannels)
    backend = try configuration.backend(graph, weights)
    (self.variant, self.weights, self.configuration) = (variant, weights, configuration)
    self.graph = graph
    work = BlockingWork(maxThreads: configuration.streams + 1)
  }

  /// Makes the network of a weights file whose model is identified.
  ///
  /// - Parameters:
  ///   - model: the weights file and its model.
  ///   - configuration: the device, threads and caches to use.
  /// - Throws: `CheckpointError` if the tensors do not fit the model; otherwise as
  ///   `init(_:weights:classes:inChannels:configuration:)`.
  public convenience init(
    _ model: CheckpointModel, configuration: Configuration = Configuration()
  ) throws {
    try self.init(
      model.variant, weights: model.weights(), classes: model.classes,
      inChannels: model.inChannels, configuration: configuration)
  }

  /// Loads a network from a weights file of any format in `CheckpointFormat`.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - model: the model's name; nil to identify it by the file's tensors.
  ///   - part: the prefix of the network's tensors; nil for the first whole network.
  ///   - classes: the expected number of classes; nil for that of the file.
  ///   - configuration: the device, threads and caches to use.
  /// - Throws: `UnknownModelError` if there is no model of the name; `CheckpointError` if the file
  ///   can't be read or does not fit; otherwise as `init(_:weights:classes:inChannels:configuration:)`.
  public convenience init(
    weights path: String, model: String? = nil, part: String? = nil, classes: Int? = nil,
    configuration: Configuration = Configuration()
  ) throws {
    try self.init(
      CheckpointModel(path: path, model: model, part: part, classes: classes),
      configuration: configuration)
  }

  /// The number of classes.
  public var classes: Int { graph[graph.logits].channels }

  /// A description of the device, for instance `avx512` or `cuda:0 (NVIDIA H100), fp32`.
  public var deviceDescription: String { backend.description }

  /// Channels of the images.
  public var inChannels: Int { graph[graph.input].channels }

  /// Reads one of the network's tensors, in C order.
  ///
  /// - Throws: `CheckpointError` if it can't be read, or the network has none of the name.
  package func weight(named name: String) throws -> [Float] {
    guard let tensor = graph.tensors.first(where: { $0.name == name }) else {
      throw CheckpointError(.wrongModel, "\(variant.name) has no tensor \(name)")
    }
    return try weights.read(tensor)
  }

  /// Runs the network on a batch without blocking a thread of Swift's cooperative pool.
  ///
  /// A cancelled task whose batch has not begun gets a `CancellationError`.
  ///
  /// - Parameters:
  ///   - images: normalised images, [N, C, H, W]; H and W are multiples of 32.
  ///   - returnsFeatures: whether the outputs of the levels are requested.
  /// - Returns: the class scores and, if requested, the outputs of the levels.
  /// - Throws: as `callAsFunction(_:returnsFeatures:)`.
  public func run(_ images: Tensor, returnsFeatures: Bool = false) async throws -> Output {
    try await work.run { _ in try self(images, returnsFeatures: returnsFeatures) }
  }

  /// Runs the network on a batch, blocking the calling thread.
  ///
  /// - Parameters:
  ///   - images: normalised images, [N, C, H, W]; H and W are multiples of 32.
  ///   - returnsFeatures: whether the outputs of the levels are requested.
  /// - Returns: the class scores and, if requested, the outputs of the levels.
  /// - Throws: `RuntimeError` with `.unsuitableInput` if the shape does not suit, `.outOfMemory` if
  ///   memory is refused or `.brokenWeights`; `CUDAError` if a GPU has too little memory or fails;
  ///   `CheckpointError` if a tensor can't be read.
  /// - Accuracy: scores and feature maps of the CPU are within 1e-6 relative L2 of timm in float64;
  ///   GPUs were tested in simulation only.
  public func callAsFunction(_ images: Tensor, returnsFeatures: Bool = false) throws -> Output {
    try images.elements.withUnsafeBufferPointer {
      try self($0, shape: images.shape, returnsFeatures: returnsFeatures)
    }
  }

  /// Runs the network on a batch in any memory; see `callAsFunction(_:returnsFeatures:)`.
  ///
  /// - Precondition: `images` has as many elements as `shape`.
  package func callAsFunction(
    _ images: UnsafeBufferPointer<Float>, shape: [Int], returnsFeatures: Bool = false
  ) throws -> Output {
    guard shape.count == 4, shape[1] == inChannels, shape[0] > 0 else {
      throw RuntimeError(
        code: .unsuitableInput,
        message: "the input has shape \(shape), \(variant.name) expects "
          + "[N, \(inChannels), H, W] with sides that are multiples of 32")
    }
    let output = try backend.run(
      images, batchSize: shape[0], size: SpatialSize(height: shape[2], width: shape[3]),
      returnsFeatures: returnsFeatures)
    return Output(logits: output.logits, levels: output.levels)
  }
}
