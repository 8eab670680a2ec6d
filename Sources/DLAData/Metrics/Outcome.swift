/// A network's classification of one sample of a dataset.
public struct Outcome: Sendable, Equatable {
  /// A class and how probable the network found it.
  public struct Prediction: Sendable, Equatable {
    /// The class, counted from 0.
    public let index: Int
    /// 0 to 1.
    public let probability: Float

    /// Makes a prediction.
    public init(index: Int, probability: Float) {
      (self.index, self.probability) = (index, probability)
    }
  }

  /// The network's predictions, or the reason why there are none.
  public enum Classification: Sendable, Equatable {
    /// The most probable classes, the most probable first, and the cross-entropy of the label.
    case predictions([Prediction], loss: Double)
    /// One line that starts with the name: the sample could not be read.
    case failed(String)
  }

  /// The sample's name.
  public let name: String
  /// The class it should have; nil where even that could not be read.
  public let label: Int?
  /// The classification, or the reason why there is none.
  public let classification: Classification

  /// Makes an outcome.
  ///
  /// - Parameters:
  ///   - name: what the sample is called.
  ///   - label: the class it should have; nil where even that could not be read.
  ///   - classification: the predictions, or the reason why there are none.
  public init(name: String, label: Int?, classification: Classification) {
    (self.name, self.label, self.classification) = (name, label, classification)
  }

  /// The number of predictions kept for each sample.
  public static let predictionCount = 5

  /// True if the most probable class is the label; nil if the sample was not classified.
  public var isCorrect: Bool? {
    guard case .predictions(let predictions, _) = classification else { return nil }
    return predictions.first?.index == label
  }
}
