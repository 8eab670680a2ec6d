import Synchronization

/// How far each worker's share of a step has been taken, so that who is done takes from the others.
///
/// Cores are seldom equally fast: another program, or another guest of the same machine, slows one.
/// There is one counter for each worker and two sets of them: while one is used, the other is set
/// back for the next step.
final class WorkQueue: @unchecked Sendable {
  private let counters: UnsafeMutablePointer<Atomic<Int>>
  private let workers: Int

  /// Counters of different workers lie in cache lines of their own.
  private static let stride = 128 / MemoryLayout<Atomic<Int>>.stride

  init(workers: Int) {
    self.workers = workers
    let capacity = 2 * workers * Self.stride
    counters = .allocate(capacity: capacity)
    for index in 0..<capacity { (counters + index).initialize(to: Atomic(0)) }
  }

  deinit {
    counters.deinitialize(count: 2 * workers * Self.stride)
    counters.deallocate()
  }

  /// Sets a worker's counter back for the step after `step`; called before the barrier that ends `step`.
  func prepare(after step: Int, worker: Int) {
    (counters + place(step + 1, worker)).pointee.store(0, ordering: .relaxed)
  }

  /// The next unit of a worker's share that nobody has taken, from 0.
  func take(step: Int, worker: Int) -> Int {
    (counters + place(step, worker)).pointee.add(1, ordering: .relaxed).oldValue
  }

  private func place(_ step: Int, _ worker: Int) -> Int {
    (step % 2 * workers + worker) * Self.stride
  }
}
