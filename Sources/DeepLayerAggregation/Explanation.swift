import DLAData
import DLAGraph
import DLATensor

/// The image regions that support a class.
public struct Explanation: Sendable {
  /// A method to find the regions.
  public enum Method: Sendable {
    /// Grad-CAM: the features of level 5, weighted by how much each channel raises the class score;
    /// one value for each 32×32 pixels, at least 0. One pass of the network.
    ///
    /// Source: Selvaraju et al., "Grad-CAM" (arXiv:1610.02391); Zhou et al. (arXiv:1512.04150).
    case gradCAM
    /// Occlusion: the decrease of the logarithm of the class's probability when a square of the image
    /// is covered; negative where covering raises it. One image through the network for each place.
    ///
    /// Source: Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks"
    /// (arXiv:1311.2901, section 4.2).
    case occlusion(Occlusion? = nil)
  }

  /// The class that is explained, counted from 0.
  public let classIndex: Int
  /// The class's probability, 0 to 1.
  public let probability: Float
  /// The support of each place of the crop, in the unit of the method.
  public let map: HeatMap
}

/// The squares that cover an image one after another.
public struct Occlusion: Sendable, Equatable {
  /// The side of the square, in pixels of the crop.
  public var patch: Int
  /// The least distance from one place to the next, in pixels; places are evenly spaced.
  public var stride: Int
  /// The number of covered images that pass the network together.
  public var batchSize: Int

  /// Describes the squares.
  ///
  /// - Parameters:
  ///   - crop: the side of the crop; patch and stride follow from it where they are not given.
  ///   - patch: the side of the square; nil for a seventh of the crop, at least 8 pixels.
  ///   - stride: the distance from one place to the next; nil for a 14th of the crop, at least 2.
  ///   - batchSize: the number of covered images that pass the network together.
  /// - Precondition: all are at least 1.
  public init(crop: Int, patch: Int? = nil, stride: Int? = nil, batchSize: Int = 8) {
    self.patch = patch ?? max(8, crop / 7)
    self.stride = stride ?? max(2, crop / 14)
    self.batchSize = batchSize
    precondition(
      self.patch > 0 && self.stride > 0 && batchSize > 0,
      "patch \(self.patch), stride \(self.stride), batch \(batchSize)")
  }

  /// The centres of the square along one side of a crop, evenly spaced from edge to edge.
  fileprivate func centers(crop: Int) -> [Int] {
    let count = max(1, crop / stride)
    return (0..<count).map { (2 * $0 + 1) * crop / (2 * count) }
  }
}

extension Classifier {
  /// Finds the image regions that support a class, without blocking a thread of Swift's cooperative
  /// pool.
  ///
  /// - Parameters:
  ///   - image: the image.
  ///   - method: the method.
  ///   - classIndex: the class to explain; nil for the most probable one.
  /// - Returns: the class, its probability and a map over the crop.
  /// - Throws: `ImageError` if the image can't be cropped; what the network throws;
  ///   `CancellationError` if the task is cancelled.
  /// - Precondition: the class is one of the network's.
  /// - Accuracy: the map is within 1e-5 of its largest value of PyTorch's in float64, that of
  ///   occlusion within another 2e-5.
  public func explain(
    _ image: RGBImage, by method: Explanation.Method = .gradCAM, classIndex: Int? = nil
  ) async throws -> Explanation {
    try await network.work.run { isCancelled in
      let crop = try preprocessor.input(image)
      switch method {
      case .gradCAM: return try gradCAM(crop: crop, classIndex: classIndex)
      case .occlusion(let occlusion):
        return try self.occlusion(crop: crop, classIndex: classIndex, occlusion) { _, _ in
          if isCancelled() { throw CancellationError() }
        }
      }
    }
  }

  /// Grad-CAM of a crop, [3, H, W], on the calling thread.
  ///
  /// Between level 5 and the class scores there are only a mean over all places and a linear layer, so
  /// the gradients are the classifier's weights divided by the number of places: no backward pass is
  /// needed, and the result is the class activation map (arXiv:1610.02391, section 3.1).
  package func gradCAM(crop: Tensor, classIndex: Int? = nil) throws -> Explanation {
    let (scores, features) = try lastLevel(crop)
    let (index, probability) = try explained(scores, classIndex)
    let weights = try network.weight(named: "fc.weight")
    let channels = features.shape[1]
    let places = features.shape[2] * features.shape[3]
    var sums = [Double](repeating: 0, count: places)
    for channel in 0..<channels {
      let weight = Double(weights[index * channels + channel]) / Double(places)
      for place in 0..<places {
        sums[place] += weight * Double(features.elements[channel * places + place])
      }
    }
    let values = sums.map { Float(max(0, $0)) }
    try requireFinite(values[...])
    return Explanation(
      classIndex: index, probability: probability,
      map: HeatMap(width: features.shape[3], height: features.shape[2], values: values))
  }

  /// Occlusion of a crop, [3, H, W] with equal sides, on the calling thread.
  ///
  /// `progress` is called after each batch with the places done and their number, and ends the work by
  /// throwing.
  package func occlusion(
    crop: Tensor, classIndex: Int? = nil, _ occlusion: Occlusion? = nil,
    progress: (_ done: Int, _ places: Int) throws -> Void = { _, _ in }
  ) throws -> Explanation {
    let occlusion = occlusion ?? Occlusion(crop: crop.shape[2])
    let (scores, _) = try lastLevel(crop)
    let (index, probability) = try explained(scores, classIndex)
    let whole = Scores.crossEntropy(scores[...], label: index)
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
        values.append(Float(Scores.crossEntropy(scores, label: index) - whole))
      }
      try progress(values.count, places.count)
    }
    return Explanation(
      classIndex: index, probability: probability,
      map: HeatMap(width: centers.count, height: centers.count, values: values))
  }

  /// The crop with a square of zeros, which is the mean colour.
  private static func covered(_ crop: Tensor, at center: (x: Int, y: Int), patch: Int) -> [Float] {
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

  /// The scores of one crop, [classes], and the features of the last level, [1, C, H, W].
  private func lastLevel(_ crop: Tensor) throws -> (scores: [Float], features: Tensor) {
    let output = try network(
      Tensor(shape: [1] + crop.shape, elements: crop.elements), returnsFeatures: true)
    return (output.logits.elements, output.levels[output.levels.count - 1])
  }

  /// The class to explain: the requested or the most probable one.
  private func explained(
    _ scores: [Float], _ requested: Int?
  ) throws(RuntimeError) -> (index: Int, probability: Float) {
    let first = try predictions(scores[...], top: 1)
    guard let requested else { return first.first.map { ($0.index, $0.probability) } ?? (0, 0) }
    return (requested, Scores.softmax(scores[...])[requested])
  }
}
