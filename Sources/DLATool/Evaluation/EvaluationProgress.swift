import DLASystem
import DLAText
import DeepLayerAggregation

/// The progress line of an evaluation, updated a few times a second.
struct EvaluationProgress {
  private let title: String
  private let total: Int?
  private let start = Platform.monotonicSeconds
  private var shown = 0.0
  /// Samples of this process, without those of a resumed one.
  private var samples = 0

  private static let interval = 0.2

  /// `title` is the model's name in a comparison; `total` counts the samples of a resumed process
  /// too.
  init(title: String, total: Int?) {
    (self.title, self.total) = (title, total)
  }

  /// Counts a sample and updates the line when due.
  mutating func advance(_ tally: Tally) {
    samples += 1
    let now = Platform.monotonicSeconds
    guard now - shown >= Self.interval else { return }
    shown = now
    Console.progress(line(tally))
  }

  /// Seconds since the start.
  var seconds: Double { Platform.monotonicSeconds - start }
  var rate: Double { Double(samples) / max(seconds, 1e-9) }

  private func line(_ tally: Tally) -> String {
    let done = tally.images + tally.failed
    var parts = title.isEmpty ? [] : [title]
    if let total, total > 0 {
      parts.append(ProgressBar.bar(Double(done) / Double(total)))
      parts.append("\(grouped(done)) of \(grouped(total))")
    } else {
      parts.append("\(grouped(done)) images")
    }
    if let top1 = tally.top1, let top5 = tally.top5 {
      parts.append("Top-1 \(fixed(top1 * 100, 2))  Top-5 \(fixed(top5 * 100, 2))")
    }
    if tally.failed > 0 { parts.append("\(grouped(tally.failed)) failed") }
    parts.append("\(fixed(rate, 1)) images/s")
    if let total, total > done { parts.append("\(duration(Double(total - done) / rate)) left") }
    return parts.joined(separator: "  ")
  }
}
