import DLAText
import DeepLayerAggregation

/// The results of one evaluation, for people and for programs.
struct EvaluationSummary: CustomStringConvertible {
  private let settings: EvaluationSettings
  private let result: EvaluationRun.Result

  /// The settings without which figures can't be understood.
  static let shownSettings = [
    "model", "weights", "data", "kind of data", "order", "device", "limit", "preset",
  ]

  init(_ run: EvaluationRun, _ result: EvaluationRun.Result) {
    settings = run.settings
    self.result = result
  }

  var description: String {
    let tally = result.tally
    let rows = settings.rows.filter { Self.shownSettings.contains($0.name) }
    var table = rows.map { [$0.name, printablePath($0.value)] }
    table.append(["images", grouped(tally.images)])
    table.append(["Top-1", Self.share(tally.top1Correct, tally.images)])
    table.append(["Top-5", Self.share(tally.top5Correct, tally.images)])
    table.append(["loss", tally.loss.map { fixed($0, 4) } ?? "–"])
    if let rate = result.rate { table.append(["images/s", fixed(rate, 1)]) }
    if tally.failed > 0 { table.append(["failed", grouped(tally.failed)]) }
    return Table(rows: table, alignment: [.left, .left]).description
  }

  /// For instance `74.57 %  7,457 right  (95%: 73.71 to 75.41)`.
  static func share(_ count: Int, _ total: Int) -> String {
    guard total > 0 else { return "–" }
    let interval = wilsonInterval(count, of: total)
    func percent(_ share: Double) -> String { fixed(share * 100, 2) }
    return "\(percent(Double(count) / Double(total))) %  \(grouped(count)) right  "
      + "(95%: \(percent(interval.lowerBound)) to \(percent(interval.upperBound)))"
  }

  /// One object; shares are in per cent, as timm prints them.
  var fields: JSONSummary {
    JSONSummary(
      settings: Dictionary(
        (settings.rows + settings.machine).map {
          ($0.name.replacing(" ", with: "_"), $0.value)
        }, uniquingKeysWith: { $1 }), result: result)
  }
}
