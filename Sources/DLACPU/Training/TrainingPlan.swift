import CDLAKernels
import DLAGraph
import DLASystem
import DLATensor

/// A network prepared for training with batches of one shape: the loss of a batch, the gradients of
/// all parameters, and batch norm's running statistics.
///
/// Convolutions and their gradients run on the kernels of inference. Gradients of weights are
/// summed in float32 in parts, those of batch norms, statistics and the loss in float64. The order
/// of all sums follows from the number of threads, so equal inputs give equal bits.
///
/// Not thread-safe.
package final class TrainingPlan: ParallelJob, @unchecked Sendable {
  // Unchecked: one caller at a time changes it, while no worker runs.
  /// The options that only training has; batch shape and hardware are those of `Plan.Options`.
  package struct Options: Sendable {
    /// The weight of a batch in the running statistics.
    package var momentum = 0.1
    /// The nodes whose parameters do not change: their gradients are zero, and their batch norms
    /// use the running statistics without updating them.
    package var frozen: Set<String> = []
    package var weightGradients = WeightGradientAlgorithm.fastest

    package init() {}
  }

  /// The batch shape and the hardware that the plan was made for.
  package let options: Plan.Options
  /// The parameters, which are learned outside, and the running statistics, which a step changes.
  package let parameters: ParameterBlock
  /// The gradients of the last batch; those of statistics are zero.
  package let gradients: ParameterBlock

  private let pool: ThreadPool
  private let steps: [any Step]
  private let parts: [TrainingPart]
  private let loss: LossLayer
  private let dropout: DropoutLayer
  private let arena: AlignedFloats
  private let packed: AlignedFloats
  private let scratch: AlignedFloats
  private let scratchFloats: Int
  private let queue: WorkQueue
  private let scores: TensorView
  private let inputCount: Int
  private var stepsDone = 0
  /// When each worker had done its part of each step, while a run is profiled.
  private var clock: StepClock?
  private var input: UnsafePointer<Float>?

  /// Plans a network.
  ///
  /// - Throws: `RuntimeError` if the shape does not suit or memory is refused.
  /// - Precondition: `pool.count == options.threads`.
  package init(
    _ graph: Graph, parameters: ParameterBlock, options: Plan.Options,
    training: Options = Options(), on pool: ThreadPool
  ) throws(RuntimeError) {
    try Plan.check(options, graph)
    precondition(pool.count == options.threads, "\(pool.count) threads, not \(options.threads)")
    (self.options, self.parameters, self.pool) = (options, parameters, pool)
    gradients = try ParameterBlock(graph.tensors)
    loss = LossLayer(images: options.batchSize, classes: graph[graph.logits].channels)
    dropout = DropoutLayer(channels: graph[graph[graph.logits].inputs[0]].channels)
    let builder = try TrainingPlanBuilder(
      graph, options: options, training: training, parameters: parameters, gradients: gradients,
      loss: loss, dropout: dropout)
    packed = try AlignedFloats(count: builder.packedFloats)
    steps = builder.steps
    parts = builder.parts
    arena = try AlignedFloats(count: builder.arenaFloats)
    scratchFloats = (builder.scratchFloats + 1023) / 1024 * 1024
    scratch = try AlignedFloats(count: scratchFloats * options.threads)
    queue = WorkQueue(workers: options.threads)
    scores = builder.featureMaps.view(of: graph.logits)
    inputCount = options.batchSize * graph[graph.input].channels * options.size.area
  }

  /// Bytes of all feature maps and gradients of feature maps, and of one layer's transformed ones.
  package var arenaBytes: Int { arena.count * MemoryLayout<Float>.size }

  /// Passes a batch forward and backward.
  ///
  /// `images` are normalised, [N, C, H, W]; `targets` the probability of each class, [N, classes];
  /// `factors` those of dropout, [N, channels], nil for no dropout.
  ///
  /// - Returns: the mean softmax cross-entropy in nats.
  package func run(
    _ images: UnsafeBufferPointer<Float>, targets: UnsafeBufferPointer<Float>,
    dropout factors: UnsafeBufferPointer<Float>? = nil
  ) -> Double {
    precondition(
      images.count == inputCount && targets.count == options.batchSize * loss.classes,
      "\(images.count) numbers and \(targets.count) targets do not suit the plan")
    precondition(
      factors.map { $0.count == options.batchSize * dropout.channels } ?? true,
      "\(factors?.count ?? 0) factors of features do not suit the plan")
    input = images.baseAddress
    loss.targets = targets.baseAddress
    dropout.factors = factors?.baseAddress
    pool.run(self)
    stepsDone += steps.count
    input = nil
    loss.targets = nil
    dropout.factors = nil
    return loss.mean
  }

  /// The number of pooled features of an image.
  package var features: Int { dropout.channels }

  /// The first layer that writes a non-finite number in a step whose loss is not finite.
  ///
  /// Takes much longer than a step. Running statistics change once more.
  ///
  /// - Returns: the layer's name; nil if no feature map holds a number that is not finite.
  package func firstNonFiniteLayer(
    _ images: UnsafeBufferPointer<Float>, targets: UnsafeBufferPointer<Float>
  ) -> String? {
    guard let input = images.baseAddress else { return nil }
    loss.targets = targets.baseAddress
    defer { loss.targets = nil }
    let search = NonFiniteSearch(
      steps: steps, arena: arena, barrier: pool.barrier, makeWorker: { self.worker($0, input) })
    pool.run(search)
    stepsDone += search.stepsDone
    return search.layer
  }

  package func work(worker: Int) {
    guard let input else { return }
    var worker = self.worker(worker, input)
    for (index, step) in steps.enumerated() {
      worker.step = stepsDone + index
      queue.prepare(after: worker.step, worker: worker.index)
      step.run(worker)
      clock?.note(Platform.monotonicSeconds, point: index, worker: worker.index)
      pool.barrier()
    }
  }

  /// Passes a batch forward and backward, as `run` does, and measures its parts.
  ///
  /// - Returns: the seconds of each part, in all layers; those of a step are from when all workers
  ///   had done the one before to when all have done it.
  package func profile(
    _ images: UnsafeBufferPointer<Float>, targets: UnsafeBufferPointer<Float>
  ) -> [TrainingPart: Double] {
    let clock = StepClock(points: steps.count, workers: options.threads)
    self.clock = clock
    defer { self.clock = nil }
    var last = Platform.monotonicSeconds
    _ = run(images, targets: targets)
    var seconds: [TrainingPart: Double] = [:]
    for (index, part) in parts.enumerated() {
      let end = clock.last(index)
      seconds[part, default: 0] += end - last
      last = end
    }
    return seconds
  }

  private func worker(_ index: Int, _ input: UnsafePointer<Float>) -> Worker {
    var worker = Worker(
      index: index, count: options.threads, input: input, arena: arena.base,
      weights: UnsafePointer(packed.base), scratch: scratch.base + index * scratchFloats,
      queue: queue)
    worker.step = stepsDone
    return worker
  }

  /// The class scores of the last batch, [N, classes].
  package var logits: Tensor {
    var result = Tensor(zeros: [options.batchSize, loss.classes])
    for (index, channelBlock) in scores.channelBlocks.enumerated() {
      for image in 0..<options.batchSize {
        let base = scores.rows(channelBlock: index, image: image, arena.base).base
        for (lane, channel) in channelBlock.channels.enumerated() {
          result.elements[image * loss.classes + channel] = base[lane]
        }
      }
    }
    return result
  }
}

/// The parts of a training step.
package enum TrainingPart: String, CaseIterable, Sendable {
  case packing = "packing of weights"
  case convolutions = "convolutions"
  case norms = "batch norms"
  case weightGradients = "gradients of weights"
  case inputGradients = "gradients of inputs"
  case batchNormGradients = "gradients of batch norms"
  /// Pooling, sums, the loss, and copying the images.
  case other
}
