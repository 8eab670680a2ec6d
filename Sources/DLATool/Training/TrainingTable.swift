import DLAText
import DLATraining
import DeepLayerAggregation

/// One line an epoch, in columns that stay where they are.
struct TrainingTable {
  private let hasValidation: Bool

  init(hasValidation: Bool) { self.hasValidation = hasValidation }

  var header: String {
    line(
      ["epoch", "rate", "loss", "Top-1"]
        + (hasValidation ? ["val. loss", "val. Top-1", "val. Top-5"] : [])
        + ["images/s", "time"])
  }

  func row(_ epoch: EpochRecord) -> String {
    var cells = [
      "\(epoch.epoch)", Self.rate(epoch.learningRate), Self.loss(epoch.loss),
      fixed(epoch.top1 * 100, 2),
    ]
    if hasValidation {
      cells +=
        epoch.validation.map {
          [Self.loss($0.loss), fixed($0.top1 * 100, 2), fixed($0.top5 * 100, 2)]
        } ?? ["", "", ""]
    }
    return line(cells + [fixed(epoch.imagesPerSecond, 0), duration(epoch.seconds)])
  }

  private func line(_ cells: [String]) -> String {
    cells.map { cell in
      String(repeating: " ", count: max(0, Self.width - cell.count)) + cell
    }.joined(separator: " ")
  }

  private static let width = 10

  /// Four decimals, or four digits and the power of ten where these would not fit.
  private static func loss(_ loss: Double) -> String {
    loss < 10_000 ? fixed(loss, 4) : scientific(loss, digits: 4)
  }

  /// Five decimals, or four digits and the power of ten where these would be too few.
  private static func rate(_ rate: Double) -> String {
    rate > 0 && rate < 0.001 ? scientific(rate, digits: 4) : fixed(rate, 5)
  }
}
