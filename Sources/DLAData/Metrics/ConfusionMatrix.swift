/// Counts of samples by label and predicted class.
public struct ConfusionMatrix: Sendable, Equatable {
  /// The most classes a matrix is made for: 4,096, whose counts take 64 MiB.
  public static let maxClasses = 4096

  /// The number of classes.
  public let classes: Int
  private var counts: [UInt32]

  /// Creates a matrix of zeros.
  ///
  /// - Parameter classes: how many classes there are.
  /// - Precondition: at most ``maxClasses``.
  public init(classes: Int) {
    precondition(classes <= Self.maxClasses, "\(classes) of \(Self.maxClasses) classes")
    self.classes = classes
    counts = Array(repeating: 0, count: classes * classes)
  }

  /// Counts one sample, unless it could not be classified.
  ///
  /// - Parameter outcome: its classification.
  /// - Precondition: its label and predictions are classes of this matrix.
  public mutating func add(_ outcome: Outcome) {
    guard case .predictions(let predictions, _) = outcome.classification,
      let prediction = predictions.first,
      let label = outcome.label
    else { return }
    precondition(
      (0..<classes).contains(label) && (0..<classes).contains(prediction.index),
      "class \(label) taken for \(prediction.index), of \(classes) classes")
    counts[label * classes + prediction.index] += 1
  }

  /// The number of samples of class `label` predicted as class `prediction`.
  public subscript(label: Int, prediction: Int) -> Int { Int(counts[label * classes + prediction]) }

  /// The number of classified samples of a class.
  ///
  /// - Parameter label: the class.
  /// - Returns: the sum of its row.
  public func count(of label: Int) -> Int {
    counts[label * classes..<(label + 1) * classes].reduce(0) { $0 + Int($1) }
  }
}
