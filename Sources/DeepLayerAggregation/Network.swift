import DLACheckpoints
import DLACore
import DLAModels
import DLARuntime

/// A network of the family with its weights, ready to run on batches of any suitable shape.
///
/// Safe to use from several threads and tasks at once: as many calls run at the same time as the
/// engine has streams, the others sleep until it is their turn.
public final class Network: Sendable {
  /// How a network uses the machine.
  ///
  /// All threads on one batch are for the shortest time to an answer. Several streams are for many
  /// answers a second where calls come at the same time: fewer threads then wait for each other.
  public struct Engine: Sendable {
    /// Threads in all.
    public var threads: Int
    /// Batches that run at the same time, each on its share of the threads; from 1 to `threads`.
    ///
    /// A share is `threads / streams`, rounded down, so that one plan and its packed weights serve all
    /// streams; threads left over stay idle. Working memory is taken for each stream that is used.
    public var streams: Int
    /// The vector instructions to use.
    public var instructionSet: InstructionSet
    /// Where packed weights are kept from one start to the next; nil for nowhere.
    public var cache: PackedWeightsCache?
    /// Has algorithms chosen by timing them when a batch of a new shape arrives, on the threads of one
    /// stream; nil to choose by prediction, which gives the same plan every time.
    public var tuning: Tuning?

    /// Describes how a network uses the machine.
    ///
    /// - Parameters:
    ///   - threads: threads in all; nil for all processors.
    ///   - streams: batches that run at the same time, each on its share of the threads.
    ///   - instructionSet: the vector instructions to use.
    ///   - cache: where packed weights are kept from one start to the next, for instance `.user`.
    ///   - tuning: has algorithms chosen by timing them, for instance `Tuning(cache: .user)`.
    public init(
      threads: Int? = nil, streams: Int = 1, instructionSet: InstructionSet = .best,
      cache: PackedWeightsCache? = nil, tuning: Tuning? = nil
    ) {
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
  public let engine: Engine

  private let weights: any WeightSource
  private let streams: StreamPool
  private let plans = Locked<[PreparedPlan]>([])

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
  /// - Throws: `RuntimeError` with `.unsuitableEngine` if there is no thread or stream, or if streams
  ///   outnumber threads.
  public init(
    _ variant: Variant, weights: some WeightSource, classes: Int = 1000, inputChannels: Int = 3,
    engine: Engine = Engine()
  ) throws(RuntimeError) {
    streams = try StreamPool(engine)
    self.variant = variant
    self.weights = weights
    self.engine = engine
    graph = variant.graph(classes: classes, inputChannels: inputChannels)
  }

  /// Rows of the classifier.
  public var classes: Int { graph[graph.logits].channels }

  /// Channels of the images.
  public var inputChannels: Int { graph[graph.input].channels }

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
  ///   - keepsLevels: whether the feature maps of the levels are wanted.
  /// - Returns: class scores and, if asked for, feature maps.
  /// - Throws: `RuntimeError` with `.unsuitableInput` if the shape does not suit, `.outOfMemory` if
  ///   memory is refused or `.brokenWeights`; `CheckpointError` if a tensor can't be read.
  /// - Accuracy: scores and maps are within 1e-6 relative L2 of timm's in float64, see the tests.
  public func callAsFunction(_ images: Tensor, keepsLevels: Bool = false) throws -> Output {
    try images.elements.withUnsafeBufferPointer {
      try self($0, shape: images.shape, keepsLevels: keepsLevels)
    }
  }

  /// Runs the network on a batch wherever it lies; see `callAsFunction(_:keepsLevels:)`.
  ///
  /// - Precondition: `images` has as many elements as `shape`.
  package func callAsFunction(
    _ images: UnsafeBufferPointer<Float>, shape: [Int], keepsLevels: Bool = false
  ) throws -> Output {
    guard shape.count == 4, shape[1] == inputChannels, shape[0] > 0 else {
      throw RuntimeError(
        code: .unsuitableInput,
        message: "the input has shape \(shape), \(variant.name) expects "
          + "[N, \(inputChannels), H, W] with sides that are multiples of 32")
    }
    let options = Plan.Options(
      batchSize: shape[0], size: Size(height: shape[2], width: shape[3]),
      instructionSet: engine.instructionSet, threads: streams.threadsPerStream,
      keepsLevels: keepsLevels)
    let prepared = prepared(options)
    // Before a stream is taken: calls that wait for the plan must not hold up those with another.
    let plan = try plan(of: prepared)
    return try streams.withStream { stream in
      let run = try prepared.run(of: plan, on: stream)
      run(images)
      return Output(logits: run.logits, levels: keepsLevels ? run.levels : [])
    }
  }

  /// The plan; what could not be planned is not kept.
  private func plan(of prepared: PreparedPlan) throws -> Plan {
    do {
      return try prepared.plan { try makePlan(prepared.options) }
    } catch {
      plans.withLock { $0.removeAll { $0 === prepared } }
      throw error
    }
  }

  /// Makes a plan; if its layers are to be timed, while no run disturbs the threads of one stream.
  private func makePlan(_ options: Plan.Options) throws -> Plan {
    guard let tuning = engine.tuning else {
      return try Plan(graph, weights: weights, options: options, cache: engine.cache)
    }
    return try streams.withStream { stream in
      try Plan(
        graph, weights: weights, options: options, cache: engine.cache,
        tuner: Tuner(tuning, timer: PoolTimer(stream.threads)))
    }
  }

  /// Where the plan for a shape is kept while it is among the last ones used.
  private func prepared(_ options: Plan.Options) -> PreparedPlan {
    plans.withLock { plans in
      if let index = plans.firstIndex(where: { $0.options == options }) {
        plans.append(plans.remove(at: index))
      } else {
        if plans.count == Self.keptPlans { plans.removeFirst() }
        plans.append(PreparedPlan(options, streams: streams.streams.count))
      }
      return plans[plans.count - 1]
    }
  }
}
