import DLATensor

/// Brightness, contrast, saturation and hue that vary from image to image, in random order.
///
/// As the `ColorJitter` of torchvision, and of Paddle, which PaddleClas uses.
public struct ColorJitter: Sendable, Equatable {
  /// The largest deviation of the brightness factor from 1; 0 for no change.
  public var brightness: Double
  /// The largest deviation of the contrast factor from 1.
  public var contrast: Double
  /// The largest deviation of the saturation factor from 1.
  public var saturation: Double
  /// The largest change of the hue, as a fraction of the colour circle, at most ½.
  public var hue: Double
  /// The share of images that are changed.
  public var probability: Double

  /// Describes what varies; by default nothing.
  ///
  /// - Parameters:
  ///   - brightness: how far the factor of brightness may be from 1.
  ///   - contrast: how far the factor of contrast may be from 1.
  ///   - saturation: how far the factor of saturation may be from 1.
  ///   - hue: the largest rotation of the hue, as a share of the colour circle.
  ///   - probability: the share of images that are changed.
  public init(
    brightness: Double = 0, contrast: Double = 0, saturation: Double = 0, hue: Double = 0,
    probability: Double = 1
  ) {
    (self.brightness, self.contrast, self.saturation) = (brightness, contrast, saturation)
    (self.hue, self.probability) = (hue, probability)
  }

  func check() throws(AugmentationError) {
    try checkNumber("the jitter of brightness", brightness, within: 0...100)
    try checkNumber("the jitter of contrast", contrast, within: 0...100)
    try checkNumber("the jitter of saturation", saturation, within: 0...100)
    try checkNumber("the jitter of hue", hue, within: 0...0.5)
    try checkNumber("the share of jittered images", probability, within: 0...1)
  }

  /// Draws the changes of one image.
  ///
  /// - Returns: the changes in their order, each kind at most once.
  package func changes(random: inout KeyedRandom) -> [ImageTransform] {
    guard random.nextFraction() < probability else { return [] }
    func factor(_ reach: Double) -> Double {
      random.nextUniform(from: max(0, 1 - reach), to: 1 + reach)
    }
    var changes: [ImageTransform] = []
    if brightness > 0 { changes.append(.brightness(factor(brightness))) }
    if contrast > 0 { changes.append(.contrast(factor(contrast))) }
    if saturation > 0 { changes.append(.saturation(factor(saturation))) }
    if hue > 0 { changes.append(.hue(random.nextUniform(from: -hue, to: hue))) }
    return random.nextOrder(of: changes.count).map { changes[Int($0)] }
  }
}
