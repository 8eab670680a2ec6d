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
}
