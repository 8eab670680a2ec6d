/// A value that one thread at a time uses; others sleep.
///
/// For locks that threads fight over. `Mutex` does the same, but the thread sanitizer does not see
/// its system calls (Swift 6.3 on Linux) and takes every value behind a fought-over one for a race.
package final class Locked<Value: Sendable>: @unchecked Sendable {
  private let condition = Condition()
  private var value: Value

  package init(_ value: Value) { self.value = value }

  /// Uses the value; `body` must not ask for it again.
  package func withLock<Result, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    condition.lock()
    defer { condition.unlock() }
    return try body(&value)
  }

  /// Changes the value and wakes those who wait for it; `body` must not ask for it again.
  package func change<Result, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { condition.wakeAll() }
    return try withLock(body)
  }

  /// Wakes those who wait, after ``withLock(_:)`` has changed what some of them wait for.
  package func wakeAll() { condition.wakeAll() }

  /// Sleeps until `attempt`, which is asked again after each ``change(_:)``, gives something.
  package func wait<Result>(for attempt: (inout Value) -> Result?) -> Result {
    var result: Result?
    while true {
      condition.wait {
        result = attempt(&value)
        return result != nil
      }
      if let result { return result }
    }
  }
}
