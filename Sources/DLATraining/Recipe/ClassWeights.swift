/// The weights of the classes in the loss, as PyTorch's `cross_entropy(weight:)` with probabilities as
/// targets: the term of each class counts so many times.
///
/// They are scaled so that their mean over all training images is 1, which leaves the size of steps.
public enum ClassWeights: Sendable, Equatable {
  /// Inversely proportional to the number of images of a class; scikit-learn's `balanced`.
  case balanced
  /// One number for each class, in order, of 0 or more.
  case values([Double])

  /// The factors of the classes, of which so many images there are.
  ///
  /// - Throws: `TrainingError` with `.unsuitableNumber` if there is not one for each class, or all are 0.
  package func factors(counts: [Int]) throws(TrainingError) -> [Float] {
    let images = counts.reduce(0, +)
    let weights: [Double]
    switch self {
    // A class without images counts once: nothing but label smoothing asks for it.
    case .balanced:
      let present = counts.count { $0 > 0 }
      return counts.map { $0 > 0 ? Float(Double(images) / Double(present * $0)) : 1 }
    case .values(let values): weights = values
    }
    guard weights.count == counts.count else {
      throw TrainingError(
        code: .unsuitableNumber,
        message:
          "there are \(weights.count) class weights for \(counts.count) classes; give one each")
    }
    guard weights.allSatisfy({ (0...1e6).contains($0) }) else {
      throw TrainingError(
        code: .unsuitableNumber,
        message:
          "the class weights contain \(weights.first { !(0...1e6).contains($0) } ?? 0); 0 to "
          + "1000000 is expected")
    }
    let sum = zip(weights, counts).reduce(0) { $0 + $1.0 * Double($1.1) }
    guard sum > 0 else {
      throw TrainingError(
        code: .unsuitableNumber, message: "all classes with images have the weight 0; raise one")
    }
    return weights.map { Float($0 * Double(images) / sum) }
  }
}

/// Multiplies the targets of a batch, [N, K], by the factors of their classes.
package func weigh(_ targets: UnsafeMutableBufferPointer<Float>, by factors: [Float]) {
  for start in stride(from: 0, to: targets.count, by: factors.count) {
    for (index, factor) in factors.enumerated() { targets[start + index] *= factor }
  }
}
