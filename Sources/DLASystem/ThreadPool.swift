import CDLASystem
import Synchronization

/// A job that all threads of a pool work on together.
package protocol ParallelJob: AnyObject, Sendable {
  /// The share of one thread.
  func work(worker: Int)
}

/// A fixed number of threads that work on one job at a time.
///
/// The calling thread is worker 0. Workers spin between the steps of a job, since a step takes
/// microseconds, and sleep when no job has come for a while. Jobs of several callers run one after
/// another.
package final class ThreadPool: Sendable {
  /// The number of threads that work on a job, including the caller.
  package let count: Int

  private let shared: Shared

  /// Starts `count - 1` threads, fewer if the system grants fewer; `total` is that of all pools.
  package init(count: Int, total: Int? = nil) {
    precondition(count >= 1, "a pool has at least one thread, \(count) were asked for")
    let shared = Shared(givesWay: max(count, total ?? count) > Platform.processorCount)
    var started = 1
    for worker in 1..<max(count, 1) {
      guard Platform.startThread({ shared.serve(worker: worker) }) else { break }
      started += 1
    }
    self.count = started
    shared.count.store(started, ordering: .releasing)
    self.shared = shared
  }

  deinit { shared.stop() }

  /// Runs the job on all threads and returns when every one is done.
  package func run(_ job: some ParallelJob) {
    shared.turn.withLock { _ in
      shared.publish(job)
      job.work(worker: 0)
      shared.barrier()
      shared.withdraw()
    }
  }

  /// Waits until every thread of the running job has come here.
  package func barrier() { shared.barrier() }
}

/// The state that workers share; it outlives the pool until the last of them has ended.
private final class Shared: @unchecked Sendable {
  // Unchecked: `job` is published and withdrawn while all workers wait.
  let turn = Mutex<Void>(())
  let count = Atomic<Int>(1)
  private let generation = Atomic<Int>(0)
  private let arrived = Atomic<Int>(0)
  private let phase = Atomic<Int>(0)
  private let sleepers = Atomic<Int>(0)
  private let stopped = Atomic<Bool>(false)
  private let condition = Condition()
  /// True if threads outnumber processors: a spinning thread then keeps another from working.
  private let givesWay: Bool
  /// Written before `generation` grows and after all workers are done; read in between.
  private var job: (any ParallelJob)?

  /// Spins before a waiting thread yields, and before an idle one sleeps.
  private static let spinsBeforeYield = 4_000
  private static let spinsBeforeSleep = 40_000

  init(givesWay: Bool) { self.givesWay = givesWay }

  func publish(_ job: some ParallelJob) {
    self.job = job
    generation.add(1, ordering: .sequentiallyConsistent)
    if sleepers.load(ordering: .sequentiallyConsistent) > 0 { condition.wakeAll() }
  }

  func withdraw() { job = nil }

  func stop() {
    stopped.store(true, ordering: .sequentiallyConsistent)
    generation.add(1, ordering: .sequentiallyConsistent)
    condition.wakeAll()
  }

  func serve(worker: Int) {
    var seen = 0
    while true {
      awaitGeneration(after: seen)
      seen += 1
      if stopped.load(ordering: .acquiring) { return }
      job?.work(worker: worker)
      barrier()
    }
  }

  /// A central barrier whose phase counts up, so it can be entered again at once.
  func barrier() {
    let threads = count.load(ordering: .relaxed)
    guard threads > 1 else { return }
    let current = phase.load(ordering: .acquiring)
    if arrived.add(1, ordering: .acquiringAndReleasing).newValue == threads {
      arrived.store(0, ordering: .relaxed)
      phase.store(current + 1, ordering: .releasing)
      return
    }
    let patience = givesWay ? 0 : Self.spinsBeforeYield
    var spins = 0
    while phase.load(ordering: .acquiring) == current {
      spins += 1
      if spins < patience { dla_spin_hint() } else { Platform.yield() }
    }
  }

  private func awaitGeneration(after seen: Int) {
    for _ in 0..<Self.spinsBeforeSleep {
      if generation.load(ordering: .acquiring) != seen { return }
      dla_spin_hint()
    }
    sleepers.add(1, ordering: .sequentiallyConsistent)
    condition.wait { generation.load(ordering: .sequentiallyConsistent) != seen }
    sleepers.subtract(1, ordering: .sequentiallyConsistent)
  }
}
