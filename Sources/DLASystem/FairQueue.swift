import Synchronization

/// Numbers that one caller at a time may have; calls that find none free sleep, and get one in the
/// order in which they came.
package final class FairQueue: Sendable {
  private struct Queue: Sendable {
    var free: [Int]
    var waiters: [Waiter] = []
  }
  private let queue: Locked<Queue>
  /// Held by who wants all numbers: two who took some each would wait for each other for ever.
  private let alone = Locked(())
  private let count: Int

  /// Makes the numbers from 0 to `count` - 1.
  package init(count: Int) {
    self.count = count
    queue = Locked(Queue(free: (0..<count).reversed()))
  }

  /// Does something while no number is in use; sleeps until that is so.
  ///
  /// - Parameter body: what to do; it must not ask for a number.
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

  /// Uses a number that no other call uses, and sleeps until there is one.
  ///
  /// - Parameter body: what uses it; it must not ask for another one.
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
      // The latest used, whose memory is the likeliest to be in the caches.
      if let index = queue.free.popLast() {
        waiter.grant(index)
      } else {
        queue.waiters.append(waiter)
      }
    }
    return waiter.wait()
  }

  /// Hands the number to the first who waits: left free, the next caller could snatch it each time.
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

/// A call that waits for its turn, alone, so that a free number wakes one thread and not all.
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
