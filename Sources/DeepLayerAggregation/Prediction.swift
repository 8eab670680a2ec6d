import DLASystem

/// One class and how probable it is.
public struct Prediction: Sendable, Equatable {
  /// The class, counted from 0.
  public let index: Int
  /// The name of the class, if the classifier has names.
  public let label: String?
  /// 0 to 1; all classes of an image add up to 1.
  public let probability: Float
}

/// The probabilities of class scores (softmax).
///
/// - Parameter logits: the scores of one image.
/// - Returns: numbers from 0 to 1 that add up to 1; computed in float64 and rounded once.
public func softmax(_ logits: ArraySlice<Float>) -> [Float] {
  let largest = Double(logits.max() ?? 0)
  let powers = logits.map { Platform.exponential(Double($0) - largest) }
  let sum = powers.reduce(0, +)
  return powers.map { Float($0 / sum) }
}

/// The cross-entropy of class scores: the negative logarithm of a class's probability, in nats.
///
/// - Parameters:
///   - logits: the scores of one image.
///   - label: the class, counted from 0.
/// - Returns: a number from 0 on, computed in float64; finite even where the probability rounds to 0.
/// - Precondition: the class is one of those with scores.
public func crossEntropy(_ logits: ArraySlice<Float>, label: Int) -> Double {
  let largest = Double(logits.max() ?? 0)
  let sum = logits.reduce(0) { $0 + Platform.exponential(Double($1) - largest) }
  return Platform.logarithm(sum) + largest - Double(logits[logits.startIndex + label])
}
