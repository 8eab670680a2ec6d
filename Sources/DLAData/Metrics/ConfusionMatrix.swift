/// How often samples of each class were taken for each class.
public struct ConfusionMatrix: Sendable, Equatable {
  /// The most classes a matrix is made for: 4,096, whose counts take 64 MiB.
  public static let maxClasses = 4096

  /// How many classes there are.
  public let classes: Int
  private var counts: [UInt32]

  /// Begins at nothing.
  ///
  /// - Parameter classes: how many classes there are.
  /// - Precondition: at most ``maxClasses``.
  public init(classes: Int) {
    precondition(classes <= Self.maxClasses, "\(classes) of \(Self.maxClasses) classes")
    self.classes = classes
    counts = Array(repeating: 0, count: classes * classes)
  }

  /// Counts one sample; those without an answer do not count.
  ///
  /// - Parameter outcome: what the network said of it.
  /// - Precondition: its label and answers are classes of this matrix.
  public mutating func add(_ outcome: Outcome) {
    guard case .guesses(let guesses, _) = outcome.answer, let guess = guesses.first,
      let label = outcome.label
    else { return }
    precondition(
      (0..<classes).contains(label) && (0..<classes).contains(guess.index),
      "class \(label) taken for \(guess.index), of \(classes) classes")
    counts[label * classes + guess.index] += 1
  }

  /// How often a sample of class `label` was taken for class `guess`.
  public subscript(label: Int, guess: Int) -> Int { Int(counts[label * classes + guess]) }

  /// How many samples of a class were answered.
  ///
  /// - Parameter label: the class.
  /// - Returns: the sum of its row.
  public func count(of label: Int) -> Int {
    counts[label * classes..<(label + 1) * classes].reduce(0) { $0 + Int($1) }
  }
}
