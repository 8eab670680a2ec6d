import DLAData
import DLAGraph

extension Classifier {
  /// What the network says of a sample whose class is known.
  ///
  /// - Parameters:
  ///   - logits: the class scores of one image.
  ///   - label: the class it should have.
  /// - Returns: the most probable classes, `Outcome.guessCount` at most, and the cross-entropy of the
  ///   label in nats, computed in float64.
  /// - Throws: `RuntimeError` with `.brokenWeights` if a score is infinite or not a number.
  public func answer(
    _ logits: ArraySlice<Float>, label: Int
  ) throws(RuntimeError) -> Outcome.Answer {
    let guesses = try predictions(logits, top: Outcome.guessCount).map {
      Outcome.Guess(index: $0.index, probability: $0.probability)
    }
    return .guesses(guesses, loss: crossEntropy(logits, label: label))
  }
}
