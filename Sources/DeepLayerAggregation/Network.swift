import DLACheckpoints
import DLACore
import DLAModels
import DLARuntime
import Synchronization

/// A network of the family with its weights, ready to run on batches of any suitable shape.
///
/// Safe to use from several threads and tasks at once: calls take turns on the network's threads.
public final class Network: Sendable {
  /// How a network uses the machine.
  public struct Engine: Sendable {
    /// Threads that work on one batch.
    public var threads: Int
    /// The vector instructions to use.
    public var instructionSet: InstructionSet
    /// Where packed weights are kept from one start to the next; nil for nowhere.
    public var cache: PackedWeightsCache?

    /// Describes how a network uses the machine.
    ///
    /// - Parameters:
    ///   - threads: threads that work on one batch; nil for all processors.
    ///   - instructionSet: the vector instructions to use.
    ///   - cache: where packed weights are kept from one start to the next, for instance `.user`.
    public init(
      threads: Int? = nil, instructionSet: InstructionSet = .best,
      cache: PackedWeightsCache? = nil
    ) {
      self.threads = threads ?? Platform.processorCount
      self.instructionSet = instructionSet
      self.cache = cache
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
  public let engine: Engine

  private let weights: any WeightSource
  private let pool: ThreadPool
  private let plans = Mutex<[PreparedRun]>([])

  /// Plans that are kept for shapes seen before, the latest used last; each holds packed weights.
  private static let keptPlans = 2

  /// Makes a network.
  ///
  /// - Parameters:
  ///   - variant: which of the family.
  ///   - weights: its tensors; they are read when a batch of a new shape arrives.
  ///   - classes: rows of the classifier.
  ///   - inputChannels: channels of the images.
  ///   - engine: how to use the machine.
  public init(
    _ variant: Variant, weights: some WeightSource, classes: Int = 1000, inputChannels: Int = 3,
    engine: Engine = Engine()
  ) {
    self.variant = variant
    self.weights = weights
    self.engine = engine
    graph = variant.graph(classes: classes, inputChannels: inputChannels)
    pool = ThreadPool(count: engine.threads)
  }

  /// Rows of the classifier.
  public var classes: Int { graph[graph.logits].channels }

  /// Channels of the images.
  public var inputChannels: Int { graph[graph.input].channels }

  /// Runs the network on a batch.
  ///
  /// - Parameters:
  ///   - images: normalised images, [N, C, H, W]; H and W are multiples of 32.
  ///   - keepsLevels: whether the feature maps of the levels are wanted.
  /// - Returns: class scores and, if asked for, feature maps.
  /// - Throws: `RuntimeError` with `.unsuitableInput` if the shape does not suit, `.outOfMemory` if
  ///   memory is refused or `.brokenWeights`; `CheckpointError` if a tensor can't be read.
  /// - Accuracy: scores and maps are within 1e-6 relative L2 of timm's in float64, see the tests.
  public func callAsFunction(_ images: Tensor, keepsLevels: Bool = false) throws -> Output {
    guard images.shape.count == 4, images.shape[1] == inputChannels, images.shape[0] > 0 else {
      throw RuntimeError(
        code: .unsuitableInput,
        message: "the input has shape \(images.shape), \(variant.name) expects "
          + "[N, \(inputChannels), H, W] with sides that are multiples of 32")
    }
    let options = Plan.Options(
      batchSize: images.shape[0], size: Size(height: images.shape[2], width: images.shape[3]),
      instructionSet: engine.instructionSet, threads: pool.count, keepsLevels: keepsLevels)
    return try prepared(options).withRun {
      try Run(
        Plan(graph, weights: weights, options: options, cache: engine.cache), on: pool)
    } use: { run in
      images.elements.withUnsafeBufferPointer { run($0) }
      return Output(logits: run.logits, levels: keepsLevels ? run.levels : [])
    }
  }

  /// Where the plan for a shape is kept while it is among the last ones used.
  private func prepared(_ options: Plan.Options) -> PreparedRun {
    plans.withLock { plans in
      if let index = plans.firstIndex(where: { $0.options == options }) {
        plans.append(plans.remove(at: index))
      } else {
        if plans.count == Self.keptPlans { plans.removeFirst() }
        plans.append(PreparedRun(options))
      }
      return plans[plans.count - 1]
    }
  }
}

/// A plan and its working memory, made when first needed and used by one caller at a time: callers
/// take turns on the threads in any case, and memory does not grow with their number.
private final class PreparedRun: Sendable {
  let options: Plan.Options
  private let run = Mutex<Run?>(nil)

  init(_ options: Plan.Options) { self.options = options }

  func withRun(
    making make: () throws -> Run, use: (Run) -> Network.Output
  ) throws -> Network.Output {
    try run.withLock { kept in
      let run = try kept ?? make()
      kept = run
      return use(run)
    }
  }
}
