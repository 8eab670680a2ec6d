import DLAData
import DLAGraph
import DLATensor

/// Why a network says what it says of an image: what of it counts for one class.
public struct Explanation: Sendable {
  /// The class that is explained, counted from 0.
  public let classIndex: Int
  /// How probable the network finds it, 0 to 1.
  public let probability: Float
  /// What counts, over the crop that the network sees; values as the method has them.
  public let map: HeatMap
}

extension Classifier {
  /// The scores of one crop, [classes], and the last level's features, [1, C, H, W].
  func lastLevel(_ crop: Tensor) throws -> (scores: [Float], features: Tensor) {
    let output = try network(
      Tensor(shape: [1] + crop.shape, elements: crop.elements), returnsFeatures: true)
    return (output.logits.elements, output.levels[output.levels.count - 1])
  }

  /// The class to explain: the one asked for, or the most probable one.
  func explained(
    _ scores: [Float], _ asked: Int?
  ) throws(RuntimeError) -> (index: Int, probability: Float) {
    let most = try predictions(scores[...], top: 1)
    guard let asked else { return most.first.map { ($0.index, $0.probability) } ?? (0, 0) }
    return (asked, softmax(scores[...])[asked])
  }
}
