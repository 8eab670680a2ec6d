import DLAText
import DeepLayerAggregation

/// The results of one evaluation, as a table and as JSON.
struct EvaluationSummary: CustomStringConvertible {
  private let settings: EvaluationSettings
  private let result: EvaluationRun.Result

  /// The settings in the table.
  static let shownSettings = [
    "model", "weights", "data", "data format", "order", "device", "limit", "preset",
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

  /// For instance `74.57 %  7,457 correct  (95% CI 73.71 to 75.41)`.
  static func share(_ count: Int, _ total: Int) -> String {
    guard total > 0 else { return "–" }
    let interval = Tally.wilsonInterval(count, of: total)
    func percent(_ share: Double) -> String { fixed(share * 100, 2) }
    return "\(percent(Double(count) / Double(total))) %  \(grouped(count)) correct  "
      + "(95% CI \(percent(interval.lowerBound)) to \(percent(interval.upperBound)))"
  }

  /// One object; accuracies are in per cent.
  var fields: JSONSummary {
    JSONSummary(
      settings: Dictionary(
        (settings.rows + settings.hardware).map {
          ($0.name.replacing(" ", with: "_"), $0.value)
        }, uniquingKeysWith: { $1 }), result: result)
  }
}

/// One evaluation as a JSON object; accuracies are in per cent, and `failures` has the first hundred.
struct JSONSummary: Encodable {
  private let settings: [String: String]
  private let images: Int
  private let failed: Int
  private let failures: [String]
  private let top1Correct: Int
  private let top5Correct: Int
  private let top1: Double?
  private let top5: Double?
  private let top1Interval: [Double]
  private let top5Interval: [Double]
  private let loss: Double?
  private let imagesPerSecond: Double?

  init(settings: [String: String], result: EvaluationRun.Result) {
    let tally = result.tally
    self.settings = settings
    images = tally.images
    failed = tally.failed
    failures = result.failures
    top1Correct = tally.top1Correct
    top5Correct = tally.top5Correct
    top1 = tally.top1.map { $0 * 100 }
    top5 = tally.top5.map { $0 * 100 }
    top1Interval = Self.interval(tally.top1Correct, tally.images)
    top5Interval = Self.interval(tally.top5Correct, tally.images)
    loss = tally.loss
    imagesPerSecond = result.rate
  }

  private static func interval(_ count: Int, _ total: Int) -> [Double] {
    let interval = Tally.wilsonInterval(count, of: total)
    return [interval.lowerBound * 100, interval.upperBound * 100]
  }

  private enum CodingKeys: CodingKey {
    case settings, images, failed, failures, top1Correct, top5Correct, top1, top5, top1Interval
    case top5Interval, loss, imagesPerSecond
  }

  /// Missing values are written as null: every object has the same fields.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(settings, forKey: .settings)
    try container.encode(images, forKey: .images)
    try container.encode(failed, forKey: .failed)
    try container.encode(failures, forKey: .failures)
    try container.encode(top1Correct, forKey: .top1Correct)
    try container.encode(top5Correct, forKey: .top5Correct)
    try container.encode(top1, forKey: .top1)
    try container.encode(top5, forKey: .top5)
    try container.encode(top1Interval, forKey: .top1Interval)
    try container.encode(top5Interval, forKey: .top5Interval)
    try container.encode(loss, forKey: .loss)
    try container.encode(imagesPerSecond, forKey: .imagesPerSecond)
  }
}
