import DLACPU
import DLAGraph
import DLASystem
import DLATensor

/// A network in training: gradients of batches, and updates by a recipe.
///
/// ```swift
/// let trainer = try Trainer(graph, recipe: recipe, side: 32, updatesPerEpoch: 390)
/// for (images, labels) in batches {
///   let loss = try trainer.learn(images, labels: labels)
///   try trainer.update()
/// }
/// ```
///
/// Which images a batch holds, how they are mixed and how many batches make an update is the caller's
/// affair. Equal batches give equal bits with the same number of threads on the same kind of processor.
/// Not for two threads at once.
public final class Trainer {
  /// The network.
  public let graph: Graph
  /// How it is trained.
  public let recipe: TrainingRecipe
  /// Height and width of the images, in pixels.
  public let side: Int
  /// Updates done so far.
  public private(set) var updates = 0

  /// What is learned, and batch norm's running statistics.
  package let parameters: ParameterBlock
  /// The moving average; nil if the recipe has none.
  package var average: WeightAverage?
  package var optimizer: any Optimizer
  package let schedule: Schedule
  package let threads: ThreadPool

  private let instructionSet: InstructionSet
  private let groups: [ParameterGroup]
  let work: BlockWork
  /// Gradients of all batches since the last update.
  private let gradients: ParameterBlock
  private var batches = 0
  /// Batches that were learned so far.
  package private(set) var batchesDone = 0
  /// Plans by the number of images; an epoch's last batch may be smaller than the others.
  private var plans: [Int: TrainingPlan] = [:]

  /// Prepares a network to be trained.
  ///
  /// - Parameters:
  ///   - graph: the network.
  ///   - weights: where it begins; nil for random weights that follow from the recipe's seed.
  ///   - recipe: how it is trained.
  ///   - side: height and width of the images; a multiple of 32.
  ///   - updatesPerEpoch: updates of an epoch, of which the learning rate is a function.
  ///   - threads: threads to use; nil for all processors.
  ///   - instructionSet: the vector instructions to use.
  /// - Throws: `TrainingError` if the recipe does not suit; `RuntimeError` if memory is refused; what
  ///   `weights` throws.
  public init(
    _ graph: Graph, weights: (any WeightSource)? = nil, recipe: TrainingRecipe, side: Int,
    updatesPerEpoch: Int, threads: Int? = nil, instructionSet: InstructionSet = .best
  ) throws {
    try recipe.check()
    self.graph = graph
    self.recipe = recipe
    self.side = side
    self.instructionSet = instructionSet
    let pool = ThreadPool(count: max(1, threads ?? Platform.processorCount))
    self.threads = pool
    parameters = try ParameterBlock(graph.tensors)
    gradients = try ParameterBlock(graph.tensors)
    if let weights {
      try parameters.load(weights)
    } else {
      try parameters.load(InitialWeights(graph, seed: recipe.seed))
    }
    schedule = try recipe.schedule(updatesPerEpoch: updatesPerEpoch)
    groups = try recipe.policy.groups(of: graph.tensors)
    guard !groups.isEmpty else {
      throw TrainingError(
        code: .unsuitableNumber, message: "all parts of the network are frozen, nothing would learn"
      )
    }
    let count = parameters.all.count
    optimizer = recipe.makeOptimizer(groups: groups, count: count, threads: pool)
    average = recipe.makeAverage(count: count, threads: pool)
    work = BlockWork(pool)
  }

  /// Makes the plans of some sizes of batches, so that none fails later.
  ///
  /// - Parameter counts: images of a batch.
  /// - Throws: `TrainingError` with `.unsuitableBatch`; `RuntimeError` if memory is refused.
  public func prepare(batchesOf counts: Set<Int>) throws {
    for count in counts.sorted() { _ = try plan(count) }
  }

  /// Holds the weights to be finite.
  ///
  /// - Throws: `TrainingError` with `.diverged`, naming the first tensor that is not.
  package func requireFinite() throws(TrainingError) {
    guard let tensor = firstNonFiniteTensor(of: graph.tensors, in: parameters.all) else { return }
    throw TrainingError(
      code: .diverged,
      message:
        "after step \(updates) \(tensor) holds a number that is not finite, so nothing is saved; "
        + "lower the learning rate, or let it warm up")
  }

  /// The class scores of the batch that was learned last, [N, classes].
  public private(set) var logits = Tensor(zeros: [0, 0])

  /// Adds the gradients of a batch to those since the last update.
  ///
  /// - Parameters:
  ///   - images: normalised images, [N, C, side, side].
  ///   - targets: how probable each class should be, [N, classes].
  /// - Returns: the mean softmax cross-entropy of the batch, in nats.
  /// - Throws: `TrainingError` with `.unsuitableBatch`, or with `.diverged`, naming the layer that
  ///   first gave a number that is not finite; `RuntimeError` if memory is refused.
  public func learn(_ images: Tensor, targets: Tensor) throws -> Double {
    try images.elements.withUnsafeBufferPointer { images in
      try targets.elements.withUnsafeBufferPointer { targets in
        try learn(images, targets: targets, count: targets.count / classes)
      }
    }
  }

  /// Adds the gradients of a batch whose images each have one class, smoothed as the recipe says.
  ///
  /// - Parameters:
  ///   - images: normalised images, [N, C, side, side].
  ///   - labels: the class of each, from 0.
  /// - Returns: the mean softmax cross-entropy of the batch, in nats.
  /// - Throws: as `learn(_:targets:)`.
  public func learn(_ images: Tensor, labels: [Int]) throws -> Double {
    guard labels.allSatisfy({ (0..<classes).contains($0) }) else {
      throw TrainingError(
        code: .unsuitableBatch, message: "a label is none of the \(classes) classes, 0 and up")
    }
    var targets = Tensor(zeros: [labels.count, classes])
    targets.elements.withUnsafeMutableBufferPointer {
      writeTargets(labels: labels, classes: classes, smoothing: recipe.labelSmoothing, to: $0)
    }
    return try learn(images, targets: targets)
  }

  /// Adds the gradients of a batch wherever it lies; see `learn(_:targets:)`.
  package func learn(
    _ images: UnsafeBufferPointer<Float>, targets: UnsafeBufferPointer<Float>, count: Int
  ) throws -> Double {
    let channels = graph[graph.input].channels
    guard count > 0, images.count == count * channels * side * side,
      targets.count == count * classes
    else {
      throw TrainingError(
        code: .unsuitableBatch,
        message: "\(images.count) numbers of images and \(targets.count) of targets were given; "
          + "[N, \(channels), \(side), \(side)] and [N, \(classes)] are expected")
    }
    let plan = try plan(count)
    let loss =
      dropoutFactors(plan).map { factors in
        factors.withUnsafeBufferPointer { plan.run(images, targets: targets, dropout: $0) }
      } ?? plan.run(images, targets: targets)
    guard loss.isFinite else { throw diverged(plan, images, targets, loss) }
    logits = plan.logits
    // The first batch's are copied, so that most updates need no sum.
    if batches == 0 {
      _ = gradients.all.update(fromContentsOf: plan.gradients.all)
    } else {
      work.add(plan.gradients.all, to: gradients.all)
    }
    batches += 1
    batchesDone += 1
    return loss
  }

  /// Zeros and ones over the share that is kept, anew for every batch; nil without dropout.
  private func dropoutFactors(_ plan: TrainingPlan) -> [Float]? {
    guard recipe.dropout > 0 else { return nil }
    var random = TrainingRandom(seed: recipe.seed).stream(.dropout, index: batchesDone)
    let kept = Float(1 / (1 - recipe.dropout))
    return (0..<plan.options.batchSize * plan.features).map { _ in
      random.nextFraction() < recipe.dropout ? 0 : kept
    }
  }

  /// Changes the weights by the mean of the gradients since the last update, and forgets these.
  ///
  /// - Parameter rate: the learning rate; nil for that of the recipe.
  /// - Precondition: a batch was learned since the last update.
  public func update(rate: Double? = nil) {
    precondition(batches > 0, "there are no gradients to update weights by")
    if batches > 1 { work.scale(gradients.all, by: 1 / Float(batches)) }
    switch recipe.clipping {
    case .norm(let most):
      GradientClipping.norm(most).apply(to: gradients.all, of: groups, work: work)
    case .value(let most):
      GradientClipping.value(most).apply(to: gradients.all, of: groups, work: work)
    case nil: break
    }
    if let momentum = schedule.momentum(atStep: updates) { optimizer.momentum = momentum }
    optimizer.step(
      parameters: parameters.all, gradients: gradients.all, rate: rate ?? self.rate)
    average?.update(with: parameters.all)
    batches = 0
    updates += 1
  }

  /// The learning rate of the next update, as the recipe has it.
  public var rate: Double { schedule.rate(atStep: updates) }

  /// Rows of the classifier.
  public var classes: Int { graph[graph.logits].channels }

  /// Sets the counts to those of a state that was saved.
  func resume(updates: Int, batches: Int) {
    self.updates = updates
    batchesDone = batches
  }

  private func plan(_ count: Int) throws -> TrainingPlan {
    if let plan = plans[count] { return plan }
    try requireSpread(count)
    var training = TrainingPlan.Options()
    training.momentum = recipe.batchNormMomentum
    training.frozen = frozenNodes
    let plan = try TrainingPlan(
      graph, parameters: parameters,
      options: Plan.Options(
        batchSize: count, size: SpatialSize(height: side, width: side),
        instructionSet: instructionSet, threads: threads.count),
      training: training, on: threads)
    plans[count] = plan
    return plan
  }

  /// Nodes of whose parameters none learns.
  private var frozenNodes: Set<String> {
    let policy = recipe.policy
    return Set(
      graph.nodes.filter { node in
        !node.tensors.isEmpty
          && node.tensors.allSatisfy { policy.rateFactor(of: $0.name) == 0 }
      }.map(\.name))
  }

  /// Batch norm needs two numbers of a channel: one has no variance.
  private func requireSpread(_ count: Int) throws(TrainingError) {
    let reduction = graph.nodes.map(\.reduction).max() ?? 1
    let pixels = max(1, side / max(1, reduction)) * max(1, side / max(1, reduction))
    guard count * pixels > 1 else {
      throw TrainingError(
        code: .unsuitableBatch,
        message:
          "a batch of one image of \(side)×\(side) pixels leaves batch norm one number of each "
          + "channel, which has no variance; use larger batches or images")
    }
  }

  private func diverged(
    _ plan: TrainingPlan, _ images: UnsafeBufferPointer<Float>,
    _ targets: UnsafeBufferPointer<Float>, _ loss: Double
  ) -> TrainingError {
    let start = "the loss of step \(updates + 1) is \(loss.isNaN ? "nan" : "\(loss)"): "
    let end = "; lower the learning rate, or let it warm up"
    // Statistics have seen this batch already, parameters have not.
    if let tensor = firstNonFiniteTensor(
      of: graph.tensors, in: parameters.all, kinds: [.parameter])
    {
      return TrainingError(
        code: .diverged,
        message: start + "the update before it left \(tensor) with a number that is not finite"
          + end)
    }
    let layer = plan.firstNonFiniteLayer(images, targets: targets)
    return TrainingError(
      code: .diverged,
      message: start
        + "\(layer ?? "the loss itself") is the first layer whose numbers are not finite"
        + end)
  }
}
