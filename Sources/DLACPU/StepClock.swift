/// When each worker came to some points of a job.
///
/// Every worker notes its own times: one that is kept from its processor would note those of the
/// others too late, after they have gone on to the next step and even done it.
final class StepClock: @unchecked Sendable {
  private let seconds: UnsafeMutableBufferPointer<Double>
  private let workers: Int

  init(points: Int, workers: Int) {
    self.workers = workers
    seconds = .allocate(capacity: points * workers)
    seconds.initialize(repeating: 0)
  }

  deinit { seconds.deallocate() }

  /// Notes the time, in seconds of some fixed clock, at which a worker has come to a point.
  func note(_ time: Double, point: Int, worker: Int) { seconds[point * workers + worker] = time }

  /// When the first worker came to a point.
  func first(_ point: Int) -> Double { times(point).min() ?? 0 }

  /// When the last worker came to a point.
  func last(_ point: Int) -> Double { times(point).max() ?? 0 }

  private func times(_ point: Int) -> Slice<UnsafeMutableBufferPointer<Double>> {
    seconds[point * workers..<(point + 1) * workers]
  }
}
