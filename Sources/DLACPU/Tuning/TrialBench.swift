import DLAGraph
import DLASystem

/// Memory in which the steps of one problem run as they would in a network, and what times them.
///
/// A network's step finds its source where the step before has just written it, and its weights out
/// of the caches of the core, since all other layers were read since. So the workers fill their
/// caches with something else before each run, then write the source.
final class TrialBench: ParallelJob, @unchecked Sendable {
  private struct Call {
    let step: any ConvolutionStep
    let evictor: UnsafePointer<Float>
    let weights: UnsafePointer<Float>
  }

  private let pool: ThreadPool
  private let source: TensorView
  private let queue: WorkQueue
  private var stepsDone = 0
  private let arena: AlignedFloats
  private let scratch: AlignedFloats
  private let scratchFloats: Int
  /// Set while the pool works.
  private var call: Call?
  /// When each worker started and ended.
  private let clock: StepClock
  private static let start = 0
  private static let end = 1

  /// Floats that fill the caches of a core: twice what they hold, since they do not replace strictly
  /// what is oldest.
  static let evictorFloats = 2 * Platform.secondLevelCacheBytes / MemoryLayout<Float>.size
  private static let floatsPerLine = 16
  /// Any number that no arithmetic turns into a slow denormal one.
  private static let value: Float = 0.5

  /// Takes memory.
  ///
  /// - Parameters:
  ///   - problem: what the steps compute; its feature maps lie as in the plan.
  ///   - steps: what will be timed.
  ///   - pool: the threads.
  /// - Throws: `RuntimeError` if memory is refused.
  /// - Precondition: the problem is for as many workers as the pool has.
  init(
    _ problem: ConvolutionProblem, steps: [any ConvolutionStep], pool: ThreadPool
  ) throws(RuntimeError) {
    precondition(
      pool.count == problem.workers,
      "a plan for \(problem.workers) threads can't be timed on \(pool.count)")
    self.pool = pool
    source = problem.source
    let views = [problem.source, problem.destination] + (problem.shortcut.map { [$0] } ?? [])
    let ends = views.flatMap { view in
      view.channelBlocks.map { $0.offset + view.geometry.channelBlock }
    }
    queue = WorkQueue(workers: pool.count)
    clock = StepClock(points: 2, workers: pool.count)
    arena = try AlignedFloats(count: ends.max() ?? 0)
    // One page at least, for the evictor's sum.
    scratchFloats = ((steps.map(\.scratchFloats).max() ?? 0) / 1024 + 1) * 1024
    scratch = try AlignedFloats(count: scratchFloats * pool.count)
    for view in views { Self.fill(view, 0..<view.geometry.channelBlock, of: arena) }
  }

  /// Runs a step once.
  ///
  /// - Parameters:
  ///   - step: one of those the memory is for.
  ///   - evictor: `evictorFloats` that no cache holds.
  ///   - weights: as many floats as the step has packed; no cache holds them either.
  /// - Returns: its seconds, from when the first worker starts until the last is done.
  func time(
    _ step: any ConvolutionStep, evictor: UnsafePointer<Float>, weights: UnsafePointer<Float>
  ) -> Double {
    call = Call(step: step, evictor: evictor, weights: weights)
    pool.run(self)
    call = nil
    stepsDone += 1
    return clock.last(Self.end) - clock.first(Self.start)
  }

  func work(worker index: Int) {
    guard let call else { return }
    let worker = Worker(
      index: index, count: pool.count, input: arena.base, arena: arena.base,
      weights: call.weights, scratch: scratch.base + index * scratchFloats, queue: queue,
      step: stepsDone)
    queue.prepare(after: stepsDone, worker: index)
    evict(with: call.evictor, worker)
    // A step before this one would mostly have given each worker some of the pixels.
    Self.fill(source, worker.share(of: source.geometry.channelBlock), of: arena)
    pool.barrier()
    clock.note(Platform.monotonicSeconds, point: Self.start, worker: index)
    call.step.run(worker)
    clock.note(Platform.monotonicSeconds, point: Self.end, worker: index)
  }

  /// Reads as much as the caches of a core hold.
  private func evict(with memory: UnsafePointer<Float>, _ worker: Worker) {
    var sum: Float = 0
    for index in stride(from: 0, to: Self.evictorFloats, by: Self.floatsPerLine) {
      sum += memory[index]
    }
    // Unused, the sum would not be computed.
    worker.scratch[0] = sum
  }

  /// Writes a part of every channel block.
  private static func fill(_ view: TensorView, _ part: Range<Int>, of arena: AlignedFloats) {
    for channelBlock in view.channelBlocks {
      (arena.base + channelBlock.offset + part.lowerBound).update(
        repeating: value, count: part.count)
    }
  }
}
