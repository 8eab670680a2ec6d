import DLAGraph
import DLASystem

/// The values that one blocking thread produces for one task, in order and with back-pressure.
///
/// Releasing it stops the producer at its next value. A cancelled task still waits for the producer
/// to end, so that its state, such as a checkpoint, is complete when the task continues.
package final class BlockingProducer<Element: Sendable>: Sendable {
  private let channel = Channel<Element>()

  /// Starts a thread; `yield` passes a value on and returns whether more are wanted.
  package init(_ body: @escaping @Sendable (_ yield: (Element) -> Bool) throws -> Void) {
    let channel = channel
    let isStarted = Platform.startThread { channel.finish(Result { try body(channel.send) }) }
    if !isStarted {
      channel.finish(
        .failure(RuntimeError(code: .outOfMemory, message: "the system granted no thread")))
    }
  }

  deinit { channel.stop() }

  /// The next value; nil after the last.
  ///
  /// - Throws: what the work throws; `CancellationError` if the task was cancelled, once the work has
  ///   ended.
  package func next() async throws -> Element? {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { channel.receive($0) }
    } onCancel: {
      channel.stop()
    }
  }
}

/// A bounded queue between a thread, which may sleep, and a task, which may not.
private final class Channel<Element: Sendable>: Sendable {
  typealias Receiver = CheckedContinuation<Element?, any Error>

  private struct State {
    var values: [Element] = []
    /// The task that waits; only while there are no values.
    var receiver: Receiver?
    var end: Result<Void, any Error>?
    var isStopped = false

    /// The next result for a receiver; nil if it has to wait.
    mutating func takeOutcome() -> Result<Element?, any Error>? {
      if !values.isEmpty { return .success(values.removeFirst()) }
      guard let end else { return nil }
      let isCancelled = isStopped
      (self.end, isStopped) = (.success(()), false)
      return end.flatMap { isCancelled ? .failure(CancellationError()) : .success(nil) }
    }
  }

  private let state = Locked(State())

  /// Values that may wait: enough that the producer seldom sleeps, few enough to be up to date.
  private static var capacity: Int { 32 }

  /// Passes a value on, and sleeps while the queue is full.
  ///
  /// - Returns: whether more are wanted.
  func send(_ value: Element) -> Bool {
    let (isWanted, receiver): (Bool, Receiver?) = state.wait { state in
      guard !state.isStopped else { return (false, nil) }
      if let receiver = state.receiver {
        state.receiver = nil
        return (true, receiver)
      }
      guard state.values.count < Self.capacity else { return nil }
      state.values.append(value)
      return (true, nil)
    }
    receiver?.resume(returning: value)
    return isWanted
  }

  func finish(_ end: Result<Void, any Error>) {
    let waiting: (receiver: Receiver, outcome: Result<Element?, any Error>)? = state.withLock {
      state in
      state.end = end
      guard let receiver = state.receiver, let outcome = state.takeOutcome() else { return nil }
      state.receiver = nil
      return (receiver, outcome)
    }
    waiting.map { $0.receiver.resume(with: $0.outcome) }
  }

  func receive(_ receiver: Receiver) {
    let outcome = state.change { state in
      let outcome = state.takeOutcome()
      if outcome == nil { state.receiver = receiver }
      return outcome
    }
    if let outcome { receiver.resume(with: outcome) }
  }

  func stop() {
    state.change { state in
      state.isStopped = true
      state.values = []
    }
  }
}
