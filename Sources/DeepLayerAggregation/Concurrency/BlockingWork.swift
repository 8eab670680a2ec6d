import DLAGraph
import DLASystem

/// Threads for work that blocks, so that tasks await it without occupying Swift's cooperative pool.
///
/// Threads are started on demand, at most `maxThreads`, and end when no work is left.
package final class BlockingWork: Sendable {
  private struct State {
    var jobs: [@Sendable () -> Void] = []
    var threads = 0
  }

  private let state = Locked(State())
  private let maxThreads: Int

  /// - Precondition: `maxThreads` is at least 1.
  package init(maxThreads: Int) {
    precondition(maxThreads >= 1, "\(maxThreads) threads can't work")
    self.maxThreads = maxThreads
  }

  /// Runs `body` on one of the threads, in the order of the calls; its argument tells of
  /// cancellation.
  ///
  /// - Returns: the result of `body`.
  /// - Throws: `CancellationError` if the task was cancelled before `body` began; `RuntimeError` with
  ///   `.outOfMemory` if the system grants no thread; what `body` throws.
  package func run<Success: Sendable>(
    _ body: @escaping @Sendable (_ isCancelled: () -> Bool) throws -> Success
  ) async throws -> Success {
    let cancelled = Locked(false)
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let isAccepted = enqueue {
          let isCancelled = { cancelled.withLock { $0 } }
          continuation.resume(
            with: Result {
              guard !isCancelled() else { throw CancellationError() }
              return try body(isCancelled)
            })
        }
        if !isAccepted {
          continuation.resume(
            throwing: RuntimeError(code: .outOfMemory, message: "the system granted no thread"))
        }
      }
    } onCancel: {
      cancelled.withLock { $0 = true }
    }
  }

  /// - Returns: whether a thread will run the job.
  private func enqueue(_ job: @escaping @Sendable () -> Void) -> Bool {
    state.withLock { state in
      if state.threads < maxThreads, Platform.startThread({ self.work() }) { state.threads += 1 }
      guard state.threads > 0 else { return false }
      state.jobs.append(job)
      return true
    }
  }

  private func work() {
    while true {
      let job: (@Sendable () -> Void)? = state.withLock { state in
        guard !state.jobs.isEmpty else {
          state.threads -= 1
          return nil
        }
        return state.jobs.removeFirst()
      }
      guard let job else { return }
      job()
    }
  }
}
