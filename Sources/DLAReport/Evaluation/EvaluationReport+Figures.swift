import DLAData
import DLAText

extension EvaluationReport {
  /// The numbers that people look for first.
  var figures: Markup {
    let tally = findings.tally
    return markup {
      accuracy("Top-1", tally.top1Correct, isFirst: true)
      accuracy("Top-5", tally.top5Correct)
      figure("Loss", tally.loss.map { fixed($0, 4) } ?? "–", "cross-entropy, nats")
      figure(
        "Images", grouped(tally.images),
        "of \(grouped(classes.count)) class\(classes.count == 1 ? "" : "es")")
      figure("Failed", grouped(tally.failed), tally.failed == 0 ? "all could be read" : "see below")
      figure(
        "Speed", rate.map { $0 < 100 ? fixed($0, 1) : grouped(Int($0)) } ?? "–",
        rate == nil ? "answered before" : "images/s")
    }
  }

  private func accuracy(_ name: String, _ correct: Int, isFirst: Bool = false) -> Markup {
    let total = findings.tally.images
    return figure(
      name, total > 0 ? percent(Double(correct) / Double(total), decimals: 2) : "–",
      total > 0 ? "95%: " + interval(correct, of: total, decimals: 2) : "nothing answered",
      isFirst: isFirst)
  }
}
