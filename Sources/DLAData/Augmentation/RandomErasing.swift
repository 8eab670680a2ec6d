import DLATensor

/// A rectangle of random area, proportions and place that is erased from a normalised image
/// (arXiv:1708.04896).
///
/// As timm's `RandomErasing` with a count of 1, whose defaults these are, and as PaddleClas's.
public struct RandomErasing: Sendable, Equatable {
  /// Replacement values, all normalised.
  public enum Fill: Sendable, Equatable {
    /// One value for each of red, green and blue, zero by default: the mean.
    case constant(SIMD3<Float> = .zero)
    /// A normally distributed value for each of red, green and blue.
    case channels
    /// A normally distributed value for each pixel's red, green and blue.
    case pixels
  }

  /// The share of images from which something is erased.
  public var probability: Double
  /// The smallest share of the image's area.
  public var minimumArea: Double
  /// The largest share of the image's area.
  public var maximumArea: Double
  /// The smallest ratio of height to width.
  public var minimumRatio: Double
  /// The largest ratio of height to width.
  public var maximumRatio: Double
  /// True if the ratio's logarithm is uniform rather than the ratio itself.
  public var usesLogarithm: Bool
  /// Attempts to draw a rectangle that fits; if none does, nothing is erased.
  public var attempts: Int
  /// Replacement values.
  public var fill: Fill

  /// Describes the erasing.
  ///
  /// - Parameters:
  ///   - probability: the share of images from which something is erased.
  ///   - minimumArea: the smallest share of the image's area.
  ///   - maximumArea: the largest share of the image's area.
  ///   - minimumRatio: the smallest ratio of height to width.
  ///   - maximumRatio: the largest ratio of height to width.
  ///   - usesLogarithm: whether the ratio's logarithm is uniform rather than the ratio itself.
  ///   - attempts: how many rectangles are drawn until one fits.
  ///   - fill: what takes the place of the values.
  public init(
    probability: Double = 0.5, minimumArea: Double = 0.02, maximumArea: Double = 1.0 / 3,
    minimumRatio: Double = 0.3, maximumRatio: Double = 1 / 0.3, usesLogarithm: Bool = true,
    attempts: Int = 10, fill: Fill = .constant()
  ) {
    (self.probability, self.minimumArea, self.maximumArea) = (probability, minimumArea, maximumArea)
    (self.minimumRatio, self.maximumRatio) = (minimumRatio, maximumRatio)
    (self.usesLogarithm, self.attempts, self.fill) = (usesLogarithm, attempts, fill)
  }

  func check() throws(AugmentationError) {
    try checkNumber("the share of images with an erased part", probability, within: 0...1)
    try checkEnds("area of an erased part", minimumArea, maximumArea, within: 0...1)
    try checkEnds("ratio of an erased part", minimumRatio, maximumRatio, within: 0.001...1_000)
    try checkNumber("the attempts to erase a part", Double(attempts), within: 1...1_000)
    guard case .constant(let colour) = fill else { return }
    for channel in 0..<3 {
      try checkNumber("a value of an erased part", Double(colour[channel]), within: -1e6...1e6)
    }
  }

  /// Erases a part of an image, or nothing.
  ///
  /// - Parameters:
  ///   - values: [C, H, W], C being 1 or 3: the normalised image, as `Preprocessor.normalize(_:into:)` leaves it.
  ///   - height: its rows.
  ///   - width: its columns.
  ///   - random: the random numbers.
  /// - Precondition: `values` holds C·H·W elements.
  public func erase(
    _ values: UnsafeMutableBufferPointer<Float>, height: Int, width: Int,
    random: inout KeyedRandom
  ) {
    let channels = values.count / (height * width)
    precondition(
      values.count == channels * height * width && [1, 3].contains(channels),
      "an image of \(width)×\(height) has 1 or 3 times as many values, not \(values.count)")
    guard let box = box(width: width, height: height, random: &random) else { return }
    for channel in 0..<channels {
      var value: Float =
        switch fill {
        case .constant(let colour): colour[channel]
        case .channels: Float(random.nextNormal())
        case .pixels: 0
        }
      for row in box.rows {
        let start = (channel * height + row) * width
        for column in box.columns {
          if fill == .pixels { value = Float(random.nextNormal()) }
          values[start + column] = value
        }
      }
    }
  }

  /// Draws the part that is erased.
  ///
  /// - Returns: the part, lower and narrower than the image and perhaps empty; nil for none.
  package func box(width: Int, height: Int, random: inout KeyedRandom) -> Box? {
    guard random.nextFraction() < probability else { return nil }
    for _ in 0..<attempts {
      let area = Double(width * height) * random.nextUniform(from: minimumArea, to: maximumArea)
      let ratio = random.nextRatio(
        from: minimumRatio, to: maximumRatio, usesLogarithm: usesLogarithm)
      let size = (
        width: Int((area / ratio).squareRoot().rounded(.toNearestOrEven)),
        height: Int((area * ratio).squareRoot().rounded(.toNearestOrEven))
      )
      if size.width < width, size.height < height {
        return Box(size: size, within: (width, height), random: &random)
      }
    }
    return nil
  }
}
