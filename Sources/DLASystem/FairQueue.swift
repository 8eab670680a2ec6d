import Synchronization

/// Indices that one caller at a time may hold; calls that find none free sleep, and are served in
/// the order in which they came.
package final class FairQueue: Sendable {
  private struct Queue: Sendable {
    var free: [Int]
    var waiters: [Waiter] = []
  }
  private let queue: Locked<Queue>
  /// Held by a caller that takes all indices: two that took some each would wait for each other for
  /// ever.
  private let alone = Locked(())
  private let count: Int

  package init(count: Int) {
    self.count = count
    queue = Locked(Queue(free: (0..<count).reversed()))
  }

  /// Runs `body`, which must not ask for an index, while no other call holds one; sleeps until
  /// then.
  ///
  /// - Returns: what `body` returns.
  /// - Throws: what `body` throws.
  package func withAllTurns<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try alone.withLock { (_) throws(Failure) in
      let all = (0..<count).map { _ in take() }
      defer { all.forEach(giveBack) }
      return try body()
    }
  }

  /// Runs `body` with an index that no other call holds; sleeps until there is one.
  ///
  /// - Returns: what `body` returns.
  /// - Throws: what `body` throws.
  package func withTurn<Result, Failure: Error>(
    _ body: (Int) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let index = take()
    defer { giveBack(index) }
    return try body(index)
  }

  private func take() -> Int {
    let waiter = Waiter()
    queue.withLock { queue in
      // The last used, whose memory is the likeliest to be in the caches.
      if let index = queue.free.popLast() {
        waiter.grant(index)
      } else {
        queue.waiters.append(waiter)
      }
    }
    return waiter.wait()
  }

  /// Hands the index to the first waiting call: left free, a new call could take it each time.
  private func giveBack(_ index: Int) {
    queue.withLock { queue in
      if queue.waiters.isEmpty {
        queue.free.append(index)
      } else {
        queue.waiters.removeFirst().grant(index)
      }
    }
  }
}

/// A waiting call with a condition of its own, so that a free index wakes one thread and not all.
private final class Waiter: Sendable {
  private let condition = Condition()
  private let granted = Atomic<Int>(Waiter.none)

  private static let none = -1

  func grant(_ index: Int) {
    granted.store(index, ordering: .releasing)
    condition.wakeAll()
  }

  func wait() -> Int {
    condition.wait { granted.load(ordering: .acquiring) != Self.none }
    return granted.load(ordering: .acquiring)
  }
}
