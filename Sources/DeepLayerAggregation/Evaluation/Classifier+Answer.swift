import DLAData
import DLAGraph

extension Classifier {
  /// What the network says of a sample whose class is known.
  ///
  /// - Parameters:
  ///   - logits: the class scores of one image.
  ///   - label: the class it should have.
  /// - Returns: the most probable classes, `Outcome.predictionCount` at most, and the cross-entropy of the
  ///   label in nats, computed in float64.
  /// - Throws: `RuntimeError` with `.brokenWeights` if a score is infinite or not a number.
  public func answer(
    _ logits: ArraySlice<Float>, label: Int
  ) throws(RuntimeError) -> Outcome.Classification {
    let predictions = try self.predictions(logits, top: Outcome.predictionCount).map {
      Outcome.Prediction(index: $0.index, probability: $0.probability)
    }
    return .predictions(predictions, loss: crossEntropy(logits, label: label))
  }
}
