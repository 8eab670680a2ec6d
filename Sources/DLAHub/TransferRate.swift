/// The speed and remaining time of a transfer.
package struct TransferRate: Sendable {
  package struct Progress: Sendable, Equatable {
    package let received: Int
    /// The size of the file in bytes; nil if unknown.
    package let total: Int?
    /// The speed over the last seconds; nil at the start.
    package let bytesPerSecond: Double?

    /// The remaining seconds at this speed; nil if unknown.
    package var secondsLeft: Double? {
      guard let total, let bytesPerSecond, bytesPerSecond > 0 else { return nil }
      return Double(max(0, total - received)) / bytesPerSecond
    }
  }

  private var samples: [(seconds: Double, received: Int)] = []

  /// The averaging window and the sampling interval, in seconds.
  private static let span = 5.0
  private static let interval = 0.1

  /// Creates the state of a transfer without bytes.
  package init() {}

  /// Adds a sample: bytes, and seconds of a monotonic clock.
  ///
  /// - Returns: the progress; nil if the last sample is less than 0.1 s old.
  package mutating func update(received: Int, total: Int?, at seconds: Double) -> Progress? {
    // A restart from the first byte invalidates earlier samples.
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
