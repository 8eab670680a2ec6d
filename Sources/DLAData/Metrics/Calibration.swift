/// Calibration: how well probabilities match accuracy.
///
/// Source: Guo et al., "On Calibration of Modern Neural Networks" (arXiv:1706.04599, section 2).
public struct Calibration: Sendable, Equatable {
  /// The predictions whose probability lies in one part of 0 to 1.
  public struct Bin: Sendable, Equatable {
    /// The number of predictions.
    public fileprivate(set) var count = 0
    /// The number of correct predictions.
    public fileprivate(set) var correct = 0
    fileprivate var probabilitySum = 0.0

    /// The mean probability; nil for an empty bin.
    public var confidence: Double? { count > 0 ? probabilitySum / Double(count) : nil }
    /// The accuracy; nil for an empty bin.
    public var accuracy: Double? { count > 0 ? Double(correct) / Double(count) : nil }
  }

  /// Equal parts of 0 to 1 in order; a probability at a bound belongs to the lower part.
  public private(set) var bins: [Bin]

  /// Creates empty bins.
  ///
  /// - Parameter bins: into how many parts to divide 0 to 1.
  /// - Precondition: at least one.
  public init(bins: Int = 15) {
    precondition(bins > 0, "0 to 1 can't be divided into \(bins) parts")
    self.bins = Array(repeating: Bin(), count: bins)
  }

  /// Counts one sample, unless it could not be classified.
  ///
  /// - Parameter outcome: its classification.
  public mutating func add(_ outcome: Outcome) {
    guard case .predictions(let predictions, _) = outcome.classification,
      let prediction = predictions.first
    else { return }
    let place = (Double(prediction.probability) * Double(bins.count)).rounded(.up) - 1
    let bin = min(max(Int(place), 0), bins.count - 1)
    bins[bin].count += 1
    bins[bin].probabilitySum += Double(prediction.probability)
    if prediction.index == outcome.label { bins[bin].correct += 1 }
  }

  /// The expected calibration error: how far probability and accuracy are apart, 0 to 1.
  public var error: Double {
    let total = bins.reduce(0) { $0 + $1.count }
    guard total > 0 else { return 0 }
    return bins.reduce(0) { $0 + abs(Double($1.correct) - $1.probabilitySum) } / Double(total)
  }
}
