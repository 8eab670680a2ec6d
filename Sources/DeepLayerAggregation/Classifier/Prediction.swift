import DLASystem

/// A class and its probability.
public struct Prediction: Sendable, Equatable {
  /// The class, counted from 0.
  public let index: Int
  /// The name of the class; nil if the classes have no names.
  public let label: String?
  /// The softmax of the class score, 0 to 1; all classes of an image add up to 1.
  public let probability: Float
}

/// Functions of the class scores of one image, computed in float64.
package enum Scores {
  /// Probabilities that add up to 1, each rounded once.
  package static func softmax(_ logits: ArraySlice<Float>) -> [Float] {
    let largest = Double(logits.max() ?? 0)
    let powers = logits.map { Platform.exponential(Double($0) - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { Float($0 / sum) }
  }

  /// The negative logarithm of a class's probability, in nats; finite even where the probability
  /// rounds to 0.
  package static func crossEntropy(_ logits: ArraySlice<Float>, label: Int) -> Double {
    let largest = Double(logits.max() ?? 0)
    let sum = logits.reduce(0) { $0 + Platform.exponential(Double($1) - largest) }
    return Platform.logarithm(sum) + largest - Double(logits[logits.startIndex + label])
  }

  /// The indices of the largest scores, counted from 0, in descending order; of equal scores the
  /// lower index first.
  package static func largest(_ scores: ArraySlice<Float>, _ count: Int) -> [Int] {
    guard count <= 16 else {
      return Array(
        zip(scores, scores.indices).sorted { ($1.0, $0.1) < ($0.0, $1.1) }.prefix(count)
          .map { $0.1 - scores.startIndex })
    }
    // One pass, for a few of many.
    var best: [(score: Float, index: Int)] = []
    for (index, score) in scores.enumerated() {
      if best.count == count, let last = best.last, score <= last.score { continue }
      let position = best.firstIndex { $0.score < score } ?? best.count
      best.insert((score, index), at: position)
      if best.count > count { best.removeLast() }
    }
    return best.map(\.index)
  }
}
