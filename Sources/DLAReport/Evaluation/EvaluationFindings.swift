import DLAData

/// Statistics of the outcomes of an evaluation.
///
/// Memory is proportional to the number of classes, not of outcomes.
package struct EvaluationFindings: Sendable {
  package struct Mistake: Sendable {
    /// The index of the sample in the dataset.
    package let place: Int
    package let name: String
    package let label: Int
    /// The most probable classes in descending order.
    package let predictions: [Outcome.Prediction]

    /// The probability of the wrong prediction, 0 to 1.
    package var probability: Float { predictions.first?.probability ?? 0 }
  }

  package struct ClassCount: Sendable {
    package fileprivate(set) var count = 0
    /// The number of correct predictions.
    package fileprivate(set) var correct = 0

    /// The accuracy, 0 to 1; nil without samples.
    package var accuracy: Double? { count > 0 ? Double(correct) / Double(count) : nil }
  }

  /// The maximum number of misclassified samples.
  package static let maxMistakes = 24
  package static let maxFailures = 100

  package private(set) var tally = Tally()
  /// The calibration of the probabilities.
  package private(set) var calibration = Calibration()
  /// The confusion matrix; nil with too many classes.
  package private(set) var matrix: ConfusionMatrix?
  package private(set) var classes: [ClassCount]
  /// The misclassified samples with the highest probabilities in descending order; ties by index.
  package private(set) var mistakes: [Mistake] = []
  /// Messages of the first failed samples.
  package private(set) var failures: [String] = []

  package init(classes: Int) {
    self.classes = Array(repeating: ClassCount(), count: classes)
    matrix = classes <= ConfusionMatrix.maxClasses ? ConfusionMatrix(classes: classes) : nil
  }

  package mutating func add(_ outcome: Outcome) {
    let place = tally.images + tally.failed
    tally.add(outcome)
    calibration.add(outcome)
    matrix?.add(outcome)
    switch outcome.classification {
    case .failed(let message):
      if failures.count < Self.maxFailures { failures.append(message) }
    case .predictions(let predictions, _):
      guard let label = outcome.label, let isCorrect = outcome.isCorrect else { return }
      classes[label].count += 1
      classes[label].correct += isCorrect ? 1 : 0
      if !isCorrect {
        keep(Mistake(place: place, name: outcome.name, label: label, predictions: predictions))
      }
    }
  }

  private mutating func keep(_ mistake: Mistake) {
    if mistakes.count == Self.maxMistakes {
      guard let least = mistakes.last, least.probability < mistake.probability else { return }
      mistakes.removeLast()
    }
    let behind = mistakes.firstIndex { $0.probability < mistake.probability }
    mistakes.insert(mistake, at: behind ?? mistakes.endIndex)
  }
}
