import CDLAKernels
import DLAGraph
import DLASystem
import DLATensor

/// The working memory of one run of a plan.
///
/// Not thread-safe: make one for each thread.
package final class ExecutionContext: ParallelJob, @unchecked Sendable {
  // Unchecked: one caller at a time changes it, while no worker runs.
  private let plan: Plan
  private let pool: ThreadPool
  private let arena: AlignedFloats
  private let scratch: AlignedFloats
  private let queue: WorkQueue
  /// Steps of all runs before; the queue's sets of counters alternate across runs too.
  private var stepsDone = 0
  /// Set while the pool works for this run.
  private var input: UnsafePointer<Float>?
  /// When each worker had done its part of each step, while a run is profiled.
  private var clock: StepClock?

  /// Takes memory for a run.
  ///
  /// - Throws: `RuntimeError` if memory is refused.
  /// - Precondition: `pool.count == plan.options.threads`.
  package init(_ plan: Plan, on pool: ThreadPool) throws(RuntimeError) {
    precondition(
      pool.count == plan.options.threads,
      "a plan for \(plan.options.threads) threads can't run on \(pool.count)")
    (self.plan, self.pool) = (plan, pool)
    queue = WorkQueue(workers: plan.options.threads)
    arena = try AlignedFloats(count: plan.arenaFloats)
    scratch = try AlignedFloats(count: plan.scratchFloats * plan.options.threads)
  }

  /// Runs the network on one batch, [N, C, H, W] of the plan's shape, without allocating.
  ///
  /// - Precondition: `input` has as many elements as the plan's batch.
  package func callAsFunction(_ input: UnsafeBufferPointer<Float>) {
    precondition(
      input.count == plan.inputCount,
      "a batch of this plan has \(plan.inputCount) numbers, \(input.count) were given")
    self.input = input.baseAddress
    pool.run(self)
    stepsDone += plan.steps.count
    self.input = nil
  }

  package func work(worker: Int) {
    guard let input else { return }
    var worker = Worker(
      index: worker, count: plan.options.threads, input: input, arena: arena.base,
      weights: plan.weights.base, scratch: scratch.base + worker * plan.scratchFloats,
      queue: queue)
    for (index, step) in plan.steps.enumerated() {
      worker.step = stepsDone + index
      queue.prepare(after: worker.step, worker: worker.index)
      step.run(worker)
      clock?.note(Platform.monotonicSeconds, point: index, worker: worker.index)
      pool.barrier()
    }
  }

  /// Runs the network on one batch and measures every step.
  ///
  /// - Returns: the name of each step and its seconds: from when all workers had done the step
  ///   before to when all have done it.
  package func profile(_ input: UnsafeBufferPointer<Float>) -> [(name: String, seconds: Double)] {
    let clock = StepClock(points: plan.steps.count, workers: plan.options.threads)
    self.clock = clock
    defer { self.clock = nil }
    var last = Platform.monotonicSeconds
    self(input)
    return plan.steps.enumerated().map { index, step in
      let end = clock.last(index)
      defer { last = end }
      return (step.name, end - last)
    }
  }

  /// The class scores of the last batch, [N, classes].
  package var logits: Tensor {
    let map = unpack(plan.outputs[plan.outputs.count - 1])
    return Tensor(shape: [plan.options.batchSize, plan.classes], elements: map.elements)
  }

  /// The feature maps of levels 0 to 5 of the last batch, each [N, C, H, W].
  ///
  /// - Precondition: the plan keeps its levels.
  package var levels: [Tensor] {
    precondition(plan.options.returnsFeatures, "the plan was not made to keep its levels")
    return plan.outputs.dropLast().map(unpack)
  }

  private func unpack(_ view: TensorView) -> Tensor {
    let geometry = view.geometry
    let (height, width) = (geometry.size.height, geometry.size.width)
    let channels = view.channelCount
    var result = Tensor(zeros: [geometry.images, channels, height, width])
    for channelBlock in view.channelBlocks {
      for image in 0..<geometry.images {
        for (lane, channel) in channelBlock.channels.enumerated() {
          let source =
            arena.base + channelBlock.offset + image * geometry.image + geometry.origin + lane
          let to = (image * channels + channel) * height * width
          for y in 0..<height {
            for x in 0..<width {
              result.elements[to + y * width + x] = source[y * geometry.row + x * geometry.pixel]
            }
          }
        }
      }
    }
    return result
  }
}
