import DLAGraph
import DLASystem

/// Times candidates on the threads that will run the plan.
///
/// Not thread-safe.
package final class PoolTimer: CandidateTimer {
  /// Gives a trial exclusive access to the threads.
  private let withThreads:
    ((ThreadPool) throws(RuntimeError) -> [Double]) throws(RuntimeError) -> [Double]
  /// Allocated with the first trial, since a plan whose timings are known needs none.
  private var cold: ColdMemory?

  /// The first round brings code and pages into memory and is not counted.
  private static let rounds = 10...24
  /// A trial that takes longer than these seconds gets the minimum of rounds.
  private static let patience = 0.4
  /// A candidate that is this many times slower than the fastest after some rounds is dropped.
  private static let hopeless = 1.3
  private static let firstRounds = 5

  /// Times on a pool of as many threads as the plan is made for; best idle.
  package init(_ pool: ThreadPool) {
    withThreads = { (trial) throws(RuntimeError) in try trial(pool) }
  }

  /// Times on the threads of a stream, which is taken for each trial and given back after it.
  package init(_ streams: StreamPool) {
    withThreads = { (trial) throws(RuntimeError) in
      try streams.withStream { (stream) throws(RuntimeError) in try trial(stream.threads) }
    }
  }

  /// The least seconds of several runs of each candidate, which alternate.
  ///
  /// - Returns: the seconds, in the order of the candidates.
  /// - Throws: `RuntimeError` if memory is refused.
  /// - Precondition: the plan is for as many threads as the pool has.
  package func seconds(_ trial: Trial) throws(RuntimeError) -> [Double] {
    let steps = trial.contenders.map { $0.candidate.make() }
    let cold = try cold(for: steps)
    return try withThreads { (pool) throws(RuntimeError) in
      let bench = try TrialBench(trial.problem, steps: steps, pool: pool)
      let start = Platform.monotonicSeconds
      var least = steps.map { _ in Double.infinity }
      for round in 0..<Self.rounds.upperBound {
        let elapsed = Platform.monotonicSeconds - start
        if round >= Self.rounds.lowerBound, elapsed > Self.patience { break }
        let limit = round < Self.firstRounds ? .infinity : Self.hopeless * (least.min() ?? 0)
        for (index, step) in steps.enumerated() where least[index] <= limit {
          let seconds = bench.time(
            step, evictor: cold.next(TrialBench.evictorFloats),
            weights: cold.next(step.packedFloats))
          if round > 0 { least[index] = min(least[index], seconds) }
        }
      }
      return least
    }
  }

  private func cold(for steps: [any ConvolutionStep]) throws(RuntimeError) -> ColdMemory {
    let largest = steps.map(\.packedFloats).reduce(TrialBench.evictorFloats, max)
    if let cold, cold.holds(largest) { return cold }
    // The old one goes first: both together may be refused.
    cold = nil
    let new = try ColdMemory(largest: largest)
    cold = new
    return new
  }
}

/// Memory in which the steps of one problem run as they would in a network, and what times them.
///
/// A network's step finds its source where the step before has just written it, and its weights out
/// of the caches of the core, since all other layers were read since. So the workers fill their
/// caches with something else before each run, then write the source.
private final class TrialBench: ParallelJob, @unchecked Sendable {
  // Unchecked: changed while no worker runs.
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

  /// Floats that fill the caches of a core: twice what they hold, since they do not replace
  /// strictly what is oldest.
  static let evictorFloats = 2 * Platform.secondLevelCacheBytes / MemoryLayout<Float>.size
  private static let floatsPerLine = 16
  /// A value from which no arithmetic gives slow denormal numbers.
  private static let value: Float = 0.5

  /// Takes memory for steps that compute a problem; its feature maps lie as in the plan.
  ///
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

  /// Runs a step once, with packed weights that no cache holds after `evictor` was read.
  ///
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

/// Memory that is handed out piece after piece and from the start again, so that what one gets is
/// in no cache of a core: like a layer's weights when it runs in the network.
private final class ColdMemory {
  private let memory: AlignedFloats
  private var position = 0

  /// The weights of a large network; less would stay in the last-level cache of large hardware.
  private static let leastFloats = (256 << 20) / MemoryLayout<Float>.size
  private static let alignment = 1024

  /// Takes memory.
  ///
  /// - Throws: `RuntimeError` if memory is refused.
  init(largest: Int) throws(RuntimeError) {
    memory = try AlignedFloats(count: max(Self.leastFloats, 4 * largest))
    // Memory that was never written to is one page of zeros, over and over, which caches would
    // hold.
    memory.base.update(repeating: 0, count: memory.count)
  }

  /// True if pieces of so many floats can be had.
  func holds(_ floats: Int) -> Bool { 4 * floats <= memory.count }

  /// The next piece: zeros, aligned to a page.
  ///
  /// - Precondition: `holds(floats)`.
  func next(_ floats: Int) -> UnsafeMutablePointer<Float> {
    precondition(holds(floats), "\(floats) floats of \(memory.count) were asked for")
    if position + floats > memory.count { position = 0 }
    defer { position = (position + floats + Self.alignment - 1) / Self.alignment * Self.alignment }
    return memory.base + position
  }
}
