import DLAData
import DLATensor

extension Classifier {
  /// Grad-CAM: the last level's features, weighted by how much each channel raises a class's score.
  ///
  /// Between that level and the scores there are only a mean over all places and a linear layer, so
  /// the gradients are the classifier's weights divided by the number of places: no backward pass is
  /// needed, and the map is the class activation map, as the paper shows in section 3.1.
  ///
  /// - Parameters:
  ///   - image: the image.
  ///   - classIndex: the class to explain; nil for the most probable one.
  /// - Returns: one value for each place of the last level, a 32nd of the crop's side, at least 0.
  /// - Throws: `ImageError` if the image can't be cropped; what the network throws.
  /// - Precondition: the class is one of the network's.
  /// - Accuracy: 1e-5 of the largest value against PyTorch's gradients in float64, see the tests.
  ///
  /// Source: Selvaraju et al., "Grad-CAM" (arXiv:1610.02391); Zhou et al. (arXiv:1512.04150).
  public func gradCAM(_ image: RGBImage, classIndex: Int? = nil) throws -> Explanation {
    try gradCAM(crop: preprocessor.input(image), classIndex: classIndex)
  }

  /// The same for what the network sees, [3, H, W].
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
}
