import DLABackend
import DLACPU
import DLACheckpoints
import DLAGraph
import DLAModels
import DLASystem
import DLATensor

/// A network of the family with its weights, ready to run on batches of any suitable shape.
///
/// Safe to use from several threads and tasks at once: as many calls run at the same time as the
/// engine has streams, the others sleep until it is their turn.
public final class Network: Sendable {
  /// How a network uses the machine.
  ///
  /// On the processor all threads on one batch are for the shortest time to an answer. Several
  /// streams are for many answers a second where calls come at the same time: fewer threads then wait
  /// for each other.
  public struct Configuration: Sendable {
    /// What computes.
    public var device: Device
    /// What it computes with; the processor knows `.fp32` only.
    public var precision: Precision
    /// Threads in all; on a GPU those that prepare images.
    public var threads: Int
    /// Batches that run at the same time: on the processor each on its share of the threads, from 1
    /// to `threads`; on a GPU so that copies of one overlap with the work on another.
    ///
    /// A share is `threads / streams`, rounded down, so that one plan and its packed weights serve all
    /// streams; threads left over stay idle. Working memory is taken for each stream that is used.
    public var streams: Int
    /// The vector instructions to use.
    public var instructionSet: InstructionSet
    /// Where packed weights, or kernels compiled for a GPU, are kept from one start to the next; nil
    /// for nowhere.
    public var cache: CacheFolder?
    /// Has algorithms chosen by timing them when a batch of a new shape arrives, on the threads of one
    /// stream; nil to choose by prediction, which gives the same plan every time.
    public var tuning: Tuning?

    /// Describes how a network uses the machine.
    ///
    /// - Parameters:
    ///   - device: what computes.
    ///   - precision: what it computes with.
    ///   - threads: threads in all; nil for all processors.
    ///   - streams: batches that run at the same time, each on its share of the threads.
    ///   - instructionSet: the vector instructions to use.
    ///   - cache: where packed weights are kept from one start to the next, for instance `.user`.
    ///   - tuning: has algorithms chosen by timing them, for instance `Tuning(cache: .user)`.
    public init(
      device: Device = .cpu, precision: Precision = .fp32, threads: Int? = nil, streams: Int = 1,
      instructionSet: InstructionSet = .best, cache: CacheFolder? = nil,
      tuning: Tuning? = nil
    ) {
      self.device = device
      self.precision = precision
      self.threads = threads ?? Platform.processorCount
      self.streams = streams
      self.instructionSet = instructionSet
      self.cache = cache
      self.tuning = tuning
    }
  }

  /// What one batch gives.
  public struct Output: Sendable {
    /// The class scores, [N, classes].
    public let logits: Tensor
    /// The feature maps of levels 0 to 5, each [N, C, H, W]; empty if they were not asked for.
    public let levels: [Tensor]
  }

  /// The numbers that make the network.
  public let variant: Variant
  /// The network as a graph.
  public let graph: Graph
  /// How the network uses the machine.
  public let configuration: Configuration

  private let weights: any WeightSource
  private let backend: any Backend

  /// Makes a network.
  ///
  /// - Parameters:
  ///   - variant: which of the family.
  ///   - weights: its tensors; they are read when a batch of a new shape arrives.
  ///   - classes: rows of the classifier.
  ///   - inChannels: channels of the images.
  ///   - configuration: how to use the machine.
  /// - Throws: `RuntimeError` with `.unsuitableConfiguration` if there is no thread or stream, streams outnumber
  ///   threads, or the processor is to compute with anything but float32; `CUDAError` if a GPU is
  ///   asked for and can't be used.
  public init(
    _ variant: Variant, weights: some WeightSource, classes: Int = 1000, inChannels: Int = 3,
    configuration: Configuration = Configuration()
  ) throws {
    let graph = variant.graph(classes: classes, inChannels: inChannels)
    backend = try configuration.backend(graph, weights)
    self.variant = variant
    self.weights = weights
    self.configuration = configuration
    self.graph = graph
  }

  /// Rows of the classifier.
  public var classes: Int { graph[graph.logits].channels }

  /// What computes, for people; for instance `avx512` or `cuda:0 (NVIDIA H100)`.
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

  /// Runs the network on a batch.
  ///
  /// - Parameters:
  ///   - images: normalised images, [N, C, H, W]; H and W are multiples of 32.
  ///   - returnsFeatures: whether the feature maps of the levels are wanted.
  /// - Returns: class scores and, if asked for, feature maps.
  /// - Throws: `RuntimeError` with `.unsuitableInput` if the shape does not suit, `.outOfMemory` if
  ///   memory is refused or `.brokenWeights`; `CUDAError` if a GPU has too little memory or fails;
  ///   `CheckpointError` if a tensor can't be read.
  /// - Accuracy: the processor's scores and maps are within 1e-6 relative L2 of timm's in float64, see
  ///   the tests; a GPU's were simulated only.
  public func callAsFunction(_ images: Tensor, returnsFeatures: Bool = false) throws -> Output {
    try images.elements.withUnsafeBufferPointer {
      try self($0, shape: images.shape, returnsFeatures: returnsFeatures)
    }
  }

  /// Runs the network on a batch wherever it lies; see `callAsFunction(_:returnsFeatures:)`.
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
