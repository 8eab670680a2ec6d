import DLACheckpoints
import DLACore
import DLAModels
import DLARuntime
import Synchronization

/// A network of the family with its weights, ready to run on batches of any suitable shape.
///
/// Safe to use from several threads and tasks at once: plans are immutable, every run has memory of
/// its own, and calls take turns on the network's threads.
public final class Network: Sendable {
  /// How a network uses the machine.
  public struct Engine: Sendable {
    /// Threads that work on one batch.
    public var threads: Int
    /// The vector instructions to use.
    public var instructionSet: InstructionSet

    /// Describes how a network uses the machine.
    ///
    /// - Parameters:
    ///   - threads: threads that work on one batch; nil for all processors.
    ///   - instructionSet: the vector instructions to use.
    public init(threads: Int? = nil, instructionSet: InstructionSet = .best) {
      self.threads = threads ?? Platform.processorCount
      self.instructionSet = instructionSet
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
  private let plans = Mutex<[PreparedPlan]>([])

  /// Plans that are kept for shapes seen before, the latest used last.
  private static let keptPlans = 4

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
  /// - Throws: `RuntimeError` if the shape does not suit, `CheckpointError` if a tensor can't be read.
  public func callAsFunction(_ images: Tensor, keepsLevels: Bool = false) throws -> Output {
    guard images.shape.count == 4, images.shape[1] == inputChannels, images.shape[0] > 0 else {
      throw RuntimeError(
        code: .unsuitableInput,
        message: "the input has shape \(images.shape), \(variant.name) expects "
          + "[N, \(inputChannels), H, W] with sides that are multiples of 32")
    }
    let prepared = try plan(
      Plan.Options(
        batchSize: images.shape[0], size: Size(height: images.shape[2], width: images.shape[3]),
        instructionSet: engine.instructionSet, threads: pool.count, keepsLevels: keepsLevels))
    let run = try prepared.takeRun(on: pool)
    defer { prepared.giveBack(run) }
    images.elements.withUnsafeBufferPointer { run($0) }
    return Output(logits: run.logits, levels: keepsLevels ? run.levels : [])
  }

  /// The plan for a shape: made once, then kept while it is among the last ones used.
  private func plan(_ options: Plan.Options) throws -> PreparedPlan {
    try plans.withLock { plans in
      if let index = plans.firstIndex(where: { $0.plan.options == options }) {
        plans.append(plans.remove(at: index))
        return plans[plans.count - 1]
      }
      let made = PreparedPlan(try Plan(graph, weights: weights, options: options))
      if plans.count == Self.keptPlans { plans.removeFirst() }
      plans.append(made)
      return made
    }
  }
}

/// A plan and the working memory of runs that are over.
private final class PreparedPlan: Sendable {
  let plan: Plan
  private let idle = Mutex<[Run]>([])

  init(_ plan: Plan) { self.plan = plan }

  func takeRun(on pool: ThreadPool) throws(RuntimeError) -> Run {
    if let run = idle.withLock({ $0.popLast() }) { return run }
    return try Run(plan, on: pool)
  }

  func giveBack(_ run: Run) { idle.withLock { $0.append(run) } }
}
