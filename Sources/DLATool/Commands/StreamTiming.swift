import DeepLayerAggregation
import Synchronization

/// Times concurrent inferences, one at a time per stream, while all streams are busy.
///
/// The measurement starts when every stream is warm and ends when every stream has measured for long
/// enough. Streams that are warm or done early continue to run. Inferences that overlap start or end of
/// the measurement are not counted.
final class StreamTiming: ParallelJob {
  private let runs: [ExecutionContext]
  private let input: [Float]
  private let seconds: Double
  private let warm = Atomic<Int>(0)
  private let done = Atomic<Int>(0)
  private let times: Mutex<[[Double]]>

  private static let warmUps = 3
  private static let minRuns = 5

  private init(_ runs: [ExecutionContext], input: [Float], seconds: Double) {
    self.runs = runs
    self.input = input
    self.seconds = seconds
    times = Mutex(Array(repeating: [], count: runs.count))
  }

  /// Measures on one thread per stream.
  ///
  /// - Parameters:
  ///   - runs: one per stream.
  ///   - input: the batch of all streams.
  ///   - seconds: the duration; every stream measures at least five inferences.
  /// - Returns: the seconds of the inferences of each stream, in order.
  /// - Throws: `RuntimeError` with `.outOfMemory` if the system refuses a thread.
  static func measure(
    _ runs: [ExecutionContext], input: [Float], seconds: Double
  ) throws(RuntimeError) -> [[Double]] {
    let timing = StreamTiming(runs, input: input, seconds: seconds)
    let callers = ThreadPool(count: runs.count)
    guard callers.count == runs.count else {
      throw RuntimeError(
        code: .outOfMemory,
        message:
          "the system granted \(callers.count) of \(runs.count) threads for streams; use fewer "
          + "streams")
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
      if !isDone, measured.count >= Self.minRuns, (clock.now - start).seconds >= seconds {
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
  /// The duration in seconds.
  var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
