import DLAData

/// What a report says of the outcomes of a run, added up one by one.
///
/// Takes memory by the number of classes, not by that of the outcomes.
package struct EvaluationFindings: Sendable {
  /// A wrong answer.
  package struct Mistake: Sendable {
    /// Where in the dataset the sample is, counted from 0.
    package let place: Int
    /// What the sample is called.
    package let name: String
    /// The class it should have.
    package let label: Int
    /// The most probable classes, the most probable first.
    package let predictions: [Outcome.Prediction]

    /// How probable the wrong answer was, 0 to 1.
    package var probability: Float { predictions.first?.probability ?? 0 }
  }

  /// Samples of one class that were answered.
  package struct ClassCount: Sendable {
    /// How many.
    package fileprivate(set) var count = 0
    /// How many of them were answered rightly.
    package fileprivate(set) var correct = 0

    /// The share of right answers, 0 to 1; nil of no answers.
    package var accuracy: Double? { count > 0 ? Double(correct) / Double(count) : nil }
  }

  /// Mistakes that are kept.
  package static let maxMistakes = 24
  /// Messages of failed samples that are kept.
  package static let maxFailures = 100

  /// Accuracy and loss.
  package private(set) var tally = Tally()
  /// Whether answers are as often right as their probabilities say.
  package private(set) var calibration = Calibration()
  /// Which class was taken for which; nil if there are more classes than it is made for.
  package private(set) var matrix: ConfusionMatrix?
  /// The classes in their order.
  package private(set) var classes: [ClassCount]
  /// The wrong answers that were most probable, the most probable first; of equal ones the earlier.
  package private(set) var mistakes: [Mistake] = []
  /// Why the first samples that failed did, each with its name.
  package private(set) var failures: [String] = []

  /// Begins at nothing.
  ///
  /// - Parameter classes: how many classes there are.
  package init(classes: Int) {
    self.classes = Array(repeating: ClassCount(), count: classes)
    matrix = classes <= ConfusionMatrix.maxClasses ? ConfusionMatrix(classes: classes) : nil
  }

  /// Counts the next sample of the dataset.
  ///
  /// - Parameter outcome: what the network said of it.
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
