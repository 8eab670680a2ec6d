/// Running sums of accuracy and loss.
public struct Tally: Sendable, Equatable {
  /// Samples that were classified.
  public private(set) var images = 0
  /// Samples that could not be read.
  public private(set) var failed = 0
  /// Samples whose most probable class is the label.
  public private(set) var top1Correct = 0
  /// Samples whose label is among the five most probable classes.
  public private(set) var top5Correct = 0
  private var lossSum = 0.0

  /// Makes an empty tally.
  public init() {}

  /// Counts one sample.
  ///
  /// - Parameter outcome: its classification, or the reason why there is none.
  public mutating func add(_ outcome: Outcome) {
    guard case .predictions(let predictions, let loss) = outcome.classification else {
      failed += 1
      return
    }
    images += 1
    lossSum += loss
    if predictions.first?.index == outcome.label { top1Correct += 1 }
    if predictions.prefix(5).contains(where: { $0.index == outcome.label }) { top5Correct += 1 }
  }

  /// The mean cross-entropy in nats; nil for an empty tally.
  public var loss: Double? { images > 0 ? lossSum / Double(images) : nil }
  /// The top-1 accuracy, 0 to 1; nil for an empty tally.
  public var top1: Double? { share(top1Correct) }
  /// The top-5 accuracy, 0 to 1; nil for an empty tally.
  public var top5: Double? { share(top5Correct) }

  private func share(_ count: Int) -> Double? { images > 0 ? Double(count) / Double(images) : nil }

  /// The 95% confidence interval of a proportion.
  ///
  /// Wilson's score interval (JASA 22, 1927), which stays within 0 to 1 and keeps its coverage for
  /// few samples and for proportions near 0 and 1.
  ///
  /// - Parameters:
  ///   - count: successes.
  ///   - total: trials.
  /// - Returns: the bounds, 0 to 1; 0...1 for no trials.
  public static func wilsonInterval(_ count: Int, of total: Int) -> ClosedRange<Double> {
    guard total > 0 else { return 0...1 }
    let z = 1.959963984540054  // the 97.5th percentile of the normal distribution
    let n = Double(total)
    let share = Double(count) / n
    let scale = 1 + z * z / n
    let center = (share + z * z / (2 * n)) / scale
    let half = z / scale * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
    return max(0, center - half)...min(1, center + half)
  }
}
