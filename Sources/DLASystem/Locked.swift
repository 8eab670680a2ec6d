/// A value that one thread at a time uses; others sleep.
///
/// For contended locks. `Mutex` does the same, but the thread sanitizer does not see its system
/// calls (Swift 6.3 on Linux) and reports races for every contended value.
package final class Locked<Value: Sendable>: @unchecked Sendable {
  // Unchecked: `value` is only used while the condition's lock is held.
  private let condition = Condition()
  private var value: Value

  package init(_ value: Value) { self.value = value }

  /// Uses the value; `body` must not use it again.
  package func withLock<Result, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    condition.lock()
    defer { condition.unlock() }
    return try body(&value)
  }

  /// Changes the value and wakes waiting threads; `body` must not use it again.
  package func change<Result, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { condition.wakeAll() }
    return try withLock(body)
  }

  /// Wakes waiting threads after a change by ``withLock(_:)``.
  package func wakeAll() { condition.wakeAll() }

  /// Sleeps until `attempt`, which is repeated after each ``change(_:)``, returns a result.
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
