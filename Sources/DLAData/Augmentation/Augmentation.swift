import DLATensor

/// Random changes to a training image.
///
/// In this order: crop, flip, policy, colour jitter; and random erasing behind the
/// normalisation.
public struct Augmentation: Sendable, Equatable {
  /// The crop of the image.
  public enum Crop: Sendable, Equatable {
    /// The one that is evaluated: nothing is random.
    case centre
    /// Any square of the image resized as for evaluation, with so many black pixels around it.
    case padded(Int)
    /// A part of random area and proportions, resized to the crop.
    case resized(RandomResizedCrop)
  }

  /// The crop of the image.
  public var crop: Crop
  /// The share of images that are mirrored left to right.
  public var flip: Double
  /// Operations that are drawn for each image; nil for none.
  public var policy: AugmentationPolicy?
  /// Random changes to brightness, contrast, saturation and hue; nil for none.
  public var jitter: ColorJitter?
  /// The rectangle that is erased behind the normalisation; nil for none.
  public var erasing: RandomErasing?

  /// Describes how images are changed.
  ///
  /// - Parameters:
  ///   - crop: which part of the image is seen.
  ///   - flip: the share of images that are mirrored left to right.
  ///   - policy: operations that are drawn for each image.
  ///   - jitter: how brightness, contrast, saturation and hue vary.
  ///   - erasing: the rectangle that is erased behind the normalisation.
  public init(
    crop: Crop = .centre, flip: Double = 0.5, policy: AugmentationPolicy? = nil,
    jitter: ColorJitter? = nil, erasing: RandomErasing? = nil
  ) {
    (self.crop, self.flip, self.policy, self.jitter) = (crop, flip, policy, jitter)
    self.erasing = erasing
  }
}

extension Preprocessor {
  /// The crop of an image, changed at random.
  ///
  /// All but erasing, which acts on the normalised values:
  /// ``RandomErasing/erase(_:height:width:random:)``. The numbers of `augmentation` are within
  /// their ranges, as ``Augmentation/check()`` finds out.
  ///
  /// - Returns: an image of `preset.crop` × `preset.crop`.
  /// - Throws: ``ImageError`` with code `smallerThanCrop`.
  package func pixels(
    _ image: RGBImage, _ augmentation: Augmentation, random: inout KeyedRandom
  ) throws(ImageError) -> RGBImage {
    let image = inColours(image)
    var pixels: RGBImage
    switch augmentation.crop {
    case .centre: pixels = try self.pixels(image)
    case .padded(let border): pixels = paddedCrop(image, border: border, random: &random)
    case .resized(let crop):
      let box = crop.box(
        width: image.width, height: image.height, convention: preset.convention, random: &random)
      let resampling = random.nextElement(of: crop.resamplings)
      pixels = resizedCrop(image, box, resampling)
    }
    if random.nextFraction() < augmentation.flip { pixels = pixels.mirrored }
    for change in augmentation.policy?.changes(random: &random) ?? [] {
      pixels = pixels.changed(change)
    }
    for change in augmentation.jitter?.changes(random: &random) ?? [] {
      pixels = pixels.changed(change)
    }
    return pixels
  }
}

/// Numbers of an ``Augmentation`` that are outside their ranges.
public struct AugmentationError: Error, Sendable, CustomStringConvertible {
  /// One line: which number, what was found, what was expected.
  public let message: String

  /// The message.
  public var description: String { message }
}

extension Augmentation {
  /// Finds numbers that are outside their ranges, for settings that come from outside.
  ///
  /// - Throws: ``AugmentationError`` that names the first of them.
  public func check() throws(AugmentationError) {
    switch crop {
    case .centre: break
    case .padded(let border):
      try checkNumber(
        "the border around a crop", Double(border), within: 0...Double(Preprocessor.maxSide))
    case .resized(let crop): try crop.check()
    }
    try checkNumber("the share of mirrored images", flip, within: 0...1)
    try policy?.check()
    try jitter?.check()
    try erasing?.check()
  }
}

/// Throws unless a number is within its range; NaN is in none.
func checkNumber(
  _ name: String, _ value: Double, within range: ClosedRange<Double>
) throws(AugmentationError) {
  guard range.contains(value) else {
    throw AugmentationError(
      message: "\(name) is \(value); give a number from \(range.lowerBound) to \(range.upperBound)")
  }
}

/// Throws unless both ends are within the range, and not in the wrong order.
func checkEnds(
  _ name: String, _ lower: Double, _ upper: Double, within range: ClosedRange<Double>
) throws(AugmentationError) {
  try checkNumber("the smallest \(name)", lower, within: range)
  try checkNumber("the largest \(name)", upper, within: range)
  guard lower <= upper else {
    throw AugmentationError(
      message: "the smallest \(name) is \(lower), above the largest, \(upper); exchange them")
  }
}
