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
///   trainer.update()
/// }
/// ```
///
/// Forming batches, mixing images and the number of batches for an update are left to the caller.
/// Equal batches give equal bits with the same number of threads on the same kind of processor.
/// Not thread-safe.
public final class Trainer {
  /// The network.
  public let graph: Graph
  /// The training recipe.
  public let recipe: TrainingRecipe
  /// Height and width of the images, in pixels.
  public let side: Int
  /// Updates done so far.
  public private(set) var updates = 0

  /// The parameters and batch norm's running statistics.
  package let parameters: ParameterBlock
  /// The moving average; nil if the recipe has none.
  package var average: WeightAverage?
  package var optimizer: any Optimizer
  package let schedule: Schedule
  package let threads: ThreadPool

  private let instructionSet: InstructionSet
  private let groups: [ParameterGroup]
  let work: BlockWork
  /// Gradients since the last update: a plan's own after one batch, their sum after several.
  private var gradients: ParameterBlock?
  /// Memory for the sum; nil while every update has one batch.
  private var gradientSum: ParameterBlock?
  private var batches = 0
  /// Batches that were learned so far.
  package private(set) var batchesDone = 0
  /// Plans by the number of images; an epoch's last batch may be smaller than the others.
  private var plans: [Int: TrainingPlan] = [:]

  /// Prepares a network to be trained.
  ///
  /// - Parameters:
  ///   - graph: the network.
  ///   - weights: the initial weights; nil for random ones from the recipe's seed.
  ///   - recipe: the training recipe.
  ///   - side: height and width of the images; a multiple of 32.
  ///   - updatesPerEpoch: updates of an epoch, for the learning rate schedule.
  ///   - threads: threads to use; nil for all processors.
  ///   - instructionSet: the vector instructions to use.
  /// - Throws: `TrainingError` if the recipe is unsuitable; `RuntimeError` if memory is refused;
  ///   errors of `weights`.
  public init(
    _ graph: Graph, weights: (any WeightSource)? = nil, recipe: TrainingRecipe, side: Int,
    updatesPerEpoch: Int, threads: Int? = nil, instructionSet: InstructionSet = .best
  ) throws {
    try recipe.check()
    (self.graph, self.recipe, self.side) = (graph, recipe, side)
    self.instructionSet = instructionSet
    let pool = ThreadPool(count: max(1, threads ?? Platform.processorCount))
    self.threads = pool
    parameters = try ParameterBlock(graph.tensors)
    if let weights {
      try parameters.load(weights)
    } else {
      try parameters.load(InitialWeights(graph, seed: recipe.seed))
    }
    schedule = try recipe.schedule(updatesPerEpoch: updatesPerEpoch)
    groups = try recipe.policy.groups(of: graph.tensors)
    guard !groups.isEmpty else {
      throw TrainingError(
        code: .unsuitableNumber,
        message: "all parts of the network are frozen, so there is nothing to train"
      )
    }
    let count = parameters.all.count
    optimizer = recipe.makeOptimizer(groups: groups, count: count, threads: pool)
    average = recipe.makeAverage(count: count, threads: pool)
    work = BlockWork(pool)
  }

  /// Makes the plans for some batch sizes, so that none fails later.
  ///
  /// - Parameter counts: images of a batch.
  /// - Throws: `TrainingError` with `.unsuitableBatch`; `RuntimeError` if memory is refused.
  public func prepare(batchesOf counts: Set<Int>) throws {
    for count in counts.sorted() { _ = try plan(count) }
  }

  /// Checks that the weights are finite.
  ///
  /// - Throws: `TrainingError` with `.diverged`, naming the first tensor that is not.
  package func requireFinite() throws(TrainingError) {
    guard let tensor = firstNonFiniteTensor(of: graph.tensors, in: parameters.all) else { return }
    throw TrainingError(
      code: .diverged,
      message:
        "after step \(updates) \(tensor) holds a number that is not finite, so nothing is saved; "
        + "lower the learning rate or use a warm-up")
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

  /// Adds the gradients of a batch with one class per image, smoothed by the recipe's label smoothing.
  ///
  /// - Parameters:
  ///   - images: normalised images, [N, C, side, side].
  ///   - labels: the class of each, from 0.
  /// - Returns: the mean softmax cross-entropy of the batch, in nats.
  /// - Throws: as `learn(_:targets:)`.
  public func learn(_ images: Tensor, labels: [Int]) throws -> Double {
    guard labels.allSatisfy({ (0..<classes).contains($0) }) else {
      throw TrainingError(code: .unsuitableBatch, message: "label out of range 0..<\(classes)")
    }
    var targets = Tensor(zeros: [labels.count, classes])
    targets.elements.withUnsafeMutableBufferPointer {
      writeTargets(labels: labels, classes: classes, smoothing: recipe.labelSmoothing, to: $0)
    }
    return try learn(images, targets: targets)
  }

  /// Adds the gradients of a batch in memory of the caller; see `learn(_:targets:)`.
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
    if batches == 1 { try keepGradients() }
    let loss =
      dropoutFactors(plan).map { factors in
        factors.withUnsafeBufferPointer { plan.run(images, targets: targets, dropout: $0) }
      } ?? plan.run(images, targets: targets)
    guard loss.isFinite else { throw diverged(plan, images, targets, loss) }
    logits = plan.logits
    if batches == 0 {
      gradients = plan.gradients
    } else if let gradients {
      work.add(plan.gradients.all, to: gradients.all)
    }
    batches += 1
    batchesDone += 1
    return loss
  }

  /// Copies the gradients of the first batch of several, which the next one's would replace.
  private func keepGradients() throws {
    guard let first = gradients, first !== gradientSum else { return }
    let sum = try gradientSum ?? ParameterBlock(graph.tensors)
    work.copy(first.all, to: sum.all)
    gradientSum = sum
    gradients = sum
  }

  /// Dropout factors, 0 or 1 / (1 − p), drawn for each batch; nil without dropout.
  private func dropoutFactors(_ plan: TrainingPlan) -> [Float]? {
    guard recipe.dropout > 0 else { return nil }
    var random = TrainingRandom(seed: recipe.seed).stream(.dropout, index: batchesDone)
    let kept = Float(1 / (1 - recipe.dropout))
    return (0..<plan.options.batchSize * plan.features).map { _ in
      random.nextFraction() < recipe.dropout ? 0 : kept
    }
  }

  /// Updates the weights by the mean of the gradients since the last update, and clears these.
  ///
  /// - Parameter learningRate: nil for that of the recipe.
  /// - Precondition: a batch was learned since the last update.
  public func update(learningRate: Double? = nil) {
    guard let gradients, batches > 0 else {
      preconditionFailure("there are no gradients to update weights by")
    }
    if batches > 1 { work.scale(gradients.all, by: 1 / Float(batches)) }
    recipe.clipping?.apply(to: gradients.all, of: groups, tensors: graph.tensors, work: work)
    if let momentum = schedule.momentum(atStep: updates) { optimizer.momentum = momentum }
    optimizer.step(
      parameters: parameters.all, gradients: gradients.all,
      learningRate: learningRate ?? self.learningRate)
    average?.update(with: parameters.all)
    batches = 0
    updates += 1
  }

  /// The recipe's learning rate for the next update.
  public var learningRate: Double { schedule.learningRate(atStep: updates) }

  /// Rows of the classifier.
  public var classes: Int { graph[graph.logits].channels }

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

  /// Nodes without learned parameters.
  private var frozenNodes: Set<String> {
    let policy = recipe.policy
    return Set(
      graph.nodes.filter { node in
        !node.tensors.isEmpty
          && node.tensors.allSatisfy { policy.learningRateScale(of: $0.name) == 0 }
      }.map(\.name))
  }

  /// Batch norm needs at least two values per channel: one has no variance.
  private func requireSpread(_ count: Int) throws(TrainingError) {
    let reduction = graph.nodes.map(\.reduction).max() ?? 1
    let pixels = max(1, side / max(1, reduction)) * max(1, side / max(1, reduction))
    guard count * pixels > 1 else {
      throw TrainingError(
        code: .unsuitableBatch,
        message:
          "a batch of one image of \(side)×\(side) pixels leaves batch norm one value per "
          + "channel, which has no variance; use larger batches or images")
    }
  }

  private func diverged(
    _ plan: TrainingPlan, _ images: UnsafeBufferPointer<Float>,
    _ targets: UnsafeBufferPointer<Float>, _ loss: Double
  ) -> TrainingError {
    let start = "the loss of step \(updates + 1) is \(loss.isNaN ? "nan" : "\(loss)"): "
    let end = "; lower the learning rate or use a warm-up"
    // Statistics have seen this batch already, parameters have not.
    if let tensor = firstNonFiniteTensor(of: graph.tensors, in: parameters.all, kinds: [.parameter])
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

extension Trainer {
  /// Mixes the images of a batch, and their targets alike.
  package func apply(
    _ mix: BatchMix, images: UnsafeMutableBufferPointer<Float>,
    targets: UnsafeMutableBufferPointer<Float>
  ) {
    mix.mix(images: images, height: side, width: side, work: work)
    mix.mix(targets: targets, work: work)
  }

  /// Images of the batch that was learned last whose most probable class is the labelled one.
  package func correctImages(_ labels: [Int]) -> Int {
    labels.indices.count { image in
      let scores = logits.elements[image * classes..<(image + 1) * classes]
      var best = scores.startIndex
      for index in scores.indices where scores[index] > scores[best] { best = index }
      return best - scores.startIndex == labels[image]
    }
  }
}
