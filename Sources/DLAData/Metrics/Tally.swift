/// Accuracy and loss, added up sample by sample.
public struct Tally: Sendable, Equatable {
  /// Samples that the network answered.
  public private(set) var images = 0
  /// Samples that could not be read.
  public private(set) var failed = 0
  /// Answers whose most probable class is the label.
  public private(set) var top1Correct = 0
  /// Answers whose five most probable classes hold the label.
  public private(set) var top5Correct = 0
  private var lossSum = 0.0

  /// Begins at nothing.
  public init() {}

  /// Counts one sample.
  ///
  /// - Parameter outcome: what the network said of it.
  public mutating func add(_ outcome: Outcome) {
    guard case .guesses(let guesses, let loss) = outcome.answer else {
      failed += 1
      return
    }
    images += 1
    lossSum += loss
    if guesses.first?.index == outcome.label { top1Correct += 1 }
    if guesses.prefix(5).contains(where: { $0.index == outcome.label }) { top5Correct += 1 }
  }

  /// The mean cross-entropy in nats; nil before the first answer.
  public var loss: Double? { images > 0 ? lossSum / Double(images) : nil }
  /// The share of answers whose most probable class is the label, 0 to 1; nil before the first.
  public var top1: Double? { share(top1Correct) }
  /// The share of answers whose five most probable classes hold the label; nil before the first.
  public var top5: Double? { share(top5Correct) }

  private func share(_ count: Int) -> Double? {
    images > 0 ? Double(count) / Double(images) : nil
  }
}
