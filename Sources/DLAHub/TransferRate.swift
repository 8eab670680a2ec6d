/// How fast bytes arrive, and when they will all be there.
package struct TransferRate: Sendable {
  /// What is known of a transfer at some moment.
  package struct Progress: Sendable, Equatable {
    /// Bytes that are here.
    package let received: Int
    /// Bytes of the whole file, nil where the server does not say.
    package let total: Int?
    /// Over the last seconds; nil before there are any.
    package let bytesPerSecond: Double?

    /// Seconds until all is there at this rate; nil where that can't be told.
    package var secondsLeft: Double? {
      guard let total, let bytesPerSecond, bytesPerSecond > 0 else { return nil }
      return Double(max(0, total - received)) / bytesPerSecond
    }
  }

  private var samples: [(seconds: Double, received: Int)] = []

  /// Seconds that count, and between two samples.
  private static let span = 5.0
  private static let interval = 0.1

  /// Nothing has arrived yet.
  package init() {}

  /// Notes how much is there.
  ///
  /// - Parameters:
  ///   - received: bytes that are here.
  ///   - total: bytes of the whole file, nil where it is not known.
  ///   - seconds: of a clock that never runs backwards.
  /// - Returns: the progress; nil if the last was told less than a tenth of a second ago.
  package mutating func update(received: Int, total: Int?, at seconds: Double) -> Progress? {
    // After a start from the beginning, what was there no longer counts.
    if let last = samples.last, last.received > received { samples = [] }
    if let last = samples.last, seconds - last.seconds < Self.interval { return nil }
    samples.append((seconds, received))
    samples.removeAll { seconds - $0.seconds > Self.span }
    let first = samples[0]
    let rate =
      seconds > first.seconds
      ? Double(received - first.received) / (seconds - first.seconds) : nil
    return Progress(received: received, total: total, bytesPerSecond: rate)
  }
}
