import DLACPU
import DLASystem

extension Plan {
  /// Runs one batch on a thread pool of the plan's size.
  func run(_ input: [Float]) throws -> ExecutionContext {
    let context = try ExecutionContext(self, on: ThreadPool(count: options.threads))
    input.withUnsafeBufferPointer { context($0) }
    return context
  }
}
