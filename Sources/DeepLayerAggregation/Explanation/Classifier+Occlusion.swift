import DLAData
import DLATensor

/// How an image is covered to see what a class depends on.
public struct Occlusion: Sendable {
  /// The side of the square that covers a part of the crop, in pixels.
  public var patch: Int
  /// How far from one place to the next at least, in pixels; places are spread evenly over the crop.
  public var stride: Int
  /// Covered images that pass the network together.
  public var batchSize: Int

  /// Describes how to cover an image.
  ///
  /// - Parameters:
  ///   - crop: the side of the crop; patch and stride follow from it where they are not given.
  ///   - patch: the side of the square; nil for a seventh of the crop, 8 pixels at least.
  ///   - stride: how far from one place to the next; nil for a 14th of the crop, 2 pixels at least.
  ///   - batchSize: covered images that pass the network together.
  /// - Precondition: all are at least 1.
  public init(crop: Int, patch: Int? = nil, stride: Int? = nil, batchSize: Int = 8) {
    self.patch = patch ?? max(8, crop / 7)
    self.stride = stride ?? max(2, crop / 14)
    self.batchSize = batchSize
    precondition(
      self.patch > 0 && self.stride > 0 && batchSize > 0,
      "patch \(self.patch), stride \(self.stride), batch \(batchSize)")
  }

  /// The centres of the square on one side of a crop, evenly spaced from edge to edge.
  func centers(crop: Int) -> [Int] {
    let count = max(1, crop / stride)
    return (0..<count).map { (2 * $0 + 1) * crop / (2 * count) }
  }
}

extension Classifier {
  /// What a class depends on: by how much the logarithm of its probability falls where a square of the
  /// image is covered with the mean colour.
  ///
  /// Works for any network and size, at the price of a pass through the network for each place.
  ///
  /// - Parameters:
  ///   - image: the image.
  ///   - classIndex: the class to explain; nil for the most probable one.
  ///   - occlusion: what to cover it with; nil for what suits the crop.
  ///   - progress: called with places that are done and how many there are.
  /// - Returns: one value for each place, below 0 where covering it makes the class more probable.
  /// - Throws: `ImageError` if the image can't be cropped; what the network throws.
  /// - Precondition: the class is one of the network's.
  ///
  /// Source: Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks"
  /// (arXiv:1311.2901, section 4.2).
  public func occlusion(
    _ image: RGBImage, classIndex: Int? = nil, _ occlusion: Occlusion? = nil,
    progress: (_ done: Int, _ places: Int) -> Void = { _, _ in }
  ) throws -> Explanation {
    try self.occlusion(
      crop: preprocessor.input(image), classIndex: classIndex, occlusion, progress: progress)
  }

  /// The same for what the network sees, [3, H, W] with equal sides.
  package func occlusion(
    crop: Tensor, classIndex: Int? = nil, _ occlusion: Occlusion? = nil,
    progress: (_ done: Int, _ places: Int) -> Void = { _, _ in }
  ) throws -> Explanation {
    let occlusion = occlusion ?? Occlusion(crop: crop.shape[2])
    let (scores, _) = try lastLevel(crop)
    let (index, probability) = try explained(scores, classIndex)
    let whole = crossEntropy(scores[...], label: index)
    let centers = occlusion.centers(crop: crop.shape[2])
    let places = centers.flatMap { y in centers.map { x in (x: x, y: y) } }
    var values: [Float] = []
    for start in Swift.stride(from: 0, to: places.count, by: occlusion.batchSize) {
      let batch = places[start..<min(start + occlusion.batchSize, places.count)]
      let covered = batch.flatMap { Self.covered(crop, at: $0, patch: occlusion.patch) }
      let logits = try network(Tensor(shape: [batch.count] + crop.shape, elements: covered)).logits
      for row in 0..<batch.count {
        let scores = logits.elements[row * scores.count..<(row + 1) * scores.count]
        try requireFinite(scores)
        values.append(Float(crossEntropy(scores, label: index) - whole))
      }
      progress(values.count, places.count)
    }
    return Explanation(
      classIndex: index, probability: probability,
      map: HeatMap(width: centers.count, height: centers.count, values: values))
  }

  /// The crop with a square of zeros, which is the mean colour.
  private static func covered(
    _ crop: Tensor, at center: (x: Int, y: Int), patch: Int
  ) -> [Float] {
    let side = crop.shape[2]
    func range(_ center: Int) -> Range<Int> {
      let start = center - patch / 2
      return max(0, start)..<min(side, start + patch)
    }
    var elements = crop.elements
    for channel in 0..<crop.shape[0] {
      for row in range(center.y) {
        for column in range(center.x) { elements[(channel * side + row) * side + column] = 0 }
      }
    }
    return elements
  }
}
