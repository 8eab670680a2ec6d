import DeepLayerAggregation

/// One evaluation as a JSON object; shares are in per cent, and `failures` holds the first hundred.
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
    let interval = wilsonInterval(count, of: total)
    return [interval.lowerBound * 100, interval.upperBound * 100]
  }

  private enum CodingKeys: CodingKey {
    case settings, images, failed, failures, top1Correct, top5Correct, top1, top5, top1Interval
    case top5Interval, loss, imagesPerSecond
  }

  /// What does not apply is written as null, so that every object has the same fields.
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
