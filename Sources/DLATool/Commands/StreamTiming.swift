import DLARuntime
import DeepLayerAggregation
import Synchronization

/// Times runs that go on next to each other, one a stream, while all of them are busy.
///
/// The window in which inferences count opens when every stream is warm, and closes when every
/// stream has measured for long enough. Nobody is idle in it: a stream that is warm or done early
/// goes on running until the others are. An inference that was under way at its edges is left out.
final class StreamTiming: ParallelJob {
  private let runs: [ExecutionContext]
  private let input: [Float]
  private let seconds: Double
  private let warm = Atomic<Int>(0)
  private let done = Atomic<Int>(0)
  private let times: Mutex<[[Double]]>

  private static let warmUps = 3
  private static let fewestRuns = 5

  private init(_ runs: [ExecutionContext], input: [Float], seconds: Double) {
    self.runs = runs
    self.input = input
    self.seconds = seconds
    times = Mutex(Array(repeating: [], count: runs.count))
  }

  /// Times the runs on threads of their own.
  ///
  /// - Parameters:
  ///   - runs: one for each stream.
  ///   - input: the batch each of them runs on.
  ///   - seconds: how long to measure; every stream measures five inferences at least.
  /// - Returns: for each run the seconds of its inferences, in order.
  /// - Throws: `RuntimeError` with `.outOfMemory` if the system refuses a thread.
  static func measure(
    _ runs: [ExecutionContext], input: [Float], seconds: Double
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

  /// One stream.
  func work(worker: Int) {
    let run = runs[worker]
    let clock = ContinuousClock()
    func once() -> Double { clock.measure { input.withUnsafeBufferPointer { run($0) } }.seconds }
    for _ in 0..<Self.warmUps { _ = once() }
    warm.add(1, ordering: .sequentiallyConsistent)
    while !all(warm) { _ = once() }

    var measured: [Double] = []
    var isDone = false
    let start = clock.now
    while !all(done) {
      let time = once()
      if all(done) { break }
      measured.append(time)
      if !isDone, measured.count >= Self.fewestRuns, (clock.now - start).seconds >= seconds {
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

extension Duration {
  /// The duration as a number.
  var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
