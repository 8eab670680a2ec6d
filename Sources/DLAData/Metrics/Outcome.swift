/// What a network said of one sample of a dataset.
public struct Outcome: Sendable, Equatable {
  /// A class and how probable the network found it.
  public struct Guess: Sendable, Equatable {
    /// The class, counted from 0.
    public let index: Int
    /// 0 to 1.
    public let probability: Float

    /// Makes a guess.
    ///
    /// - Parameters:
    ///   - index: the class, counted from 0.
    ///   - probability: 0 to 1.
    public init(index: Int, probability: Float) {
      self.index = index
      self.probability = probability
    }
  }

  /// The network's answer, or why there is none.
  public enum Answer: Sendable, Equatable {
    /// The most probable classes, the most probable first, and the cross-entropy of the label.
    case guesses([Guess], loss: Double)
    /// One line that starts with the name: the sample could not be read.
    case failed(String)
  }

  /// What the sample is called.
  public let name: String
  /// The class it should have; nil where even that could not be read.
  public let label: Int?
  /// What the network said.
  public let answer: Answer

  /// Notes what a network said.
  ///
  /// - Parameters:
  ///   - name: what the sample is called.
  ///   - label: the class it should have; nil where even that could not be read.
  ///   - answer: what the network said.
  public init(name: String, label: Int?, answer: Answer) {
    self.name = name
    self.label = label
    self.answer = answer
  }

  /// How many guesses are kept of each sample.
  public static let guessCount = 5

  /// Whether the most probable class is the label; nil where there is no answer.
  public var isCorrect: Bool? {
    guard case .guesses(let guesses, _) = answer else { return nil }
    return guesses.first?.index == label
  }
}
