import DLAGraph
import DLASystem
import Synchronization

/// Times runs on all streams while all of them are busy.
///
/// The measuring window opens when every stream is warm, and closes when every stream has measured
/// for long enough. No stream is idle in it: a stream that is done early keeps running until the
/// others are. Runs that overlap its edges are left out.
final class StreamTiming: ParallelJob {
  private let runs: [ExecutionContext]
  // Read by all threads, and valid for the duration of `measure`.
  private nonisolated(unsafe) let input: UnsafeBufferPointer<Float>
  private let seconds: Double
  private let warm = Atomic<Int>(0)
  private let done = Atomic<Int>(0)
  private let times: Mutex<[[Double]]>

  private static let warmUps = 3
  private static let minRuns = 5

  private init(_ runs: [ExecutionContext], input: UnsafeBufferPointer<Float>, seconds: Double) {
    (self.runs, self.input, self.seconds) = (runs, input, seconds)
    times = Mutex(Array(repeating: [], count: runs.count))
  }

  /// Times the runs, one for each stream, on threads of their own; at least five runs of each
  /// stream.
  ///
  /// - Returns: for each stream the seconds of its runs, in order.
  /// - Throws: `RuntimeError` with `.outOfMemory` if the system refuses a thread.
  static func measure(
    _ runs: [ExecutionContext], input: UnsafeBufferPointer<Float>, seconds: Double
  ) throws(RuntimeError) -> [[Double]] {
    let timing = StreamTiming(runs, input: input, seconds: seconds)
    let callers = ThreadPool(count: runs.count)
    guard callers.count == runs.count else {
      throw RuntimeError(
        code: .outOfMemory,
        message: "the system granted \(callers.count) of \(runs.count) threads that run streams; "
          + "use fewer streams")
    }
    callers.run(timing)
    return timing.times.withLock { $0 }
  }

  /// The runs of one stream.
  func work(worker: Int) {
    let run = runs[worker]
    func once() -> Double {
      let start = Platform.monotonicSeconds
      run(input)
      return Platform.monotonicSeconds - start
    }
    for _ in 0..<Self.warmUps { _ = once() }
    warm.add(1, ordering: .sequentiallyConsistent)
    while !all(warm) { _ = once() }

    var measured: [Double] = []
    var isDone = false
    let start = Platform.monotonicSeconds
    while !all(done) {
      let time = once()
      if all(done) { break }
      measured.append(time)
      if !isDone, measured.count >= Self.minRuns, Platform.monotonicSeconds - start >= seconds {
        isDone = true
        done.add(1, ordering: .sequentiallyConsistent)
      }
    }
    times.withLock { $0[worker] = measured }
  }

  private func all(_ counter: borrowing Atomic<Int>) -> Bool {
    counter.load(ordering: .sequentiallyConsistent) == runs.count
  }
}
