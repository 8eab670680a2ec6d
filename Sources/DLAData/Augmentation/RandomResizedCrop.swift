import DLATensor

/// A part of an image with random area, proportions and place, resized to the crop.
///
/// With the PIL convention drawn as torchvision's and timm's `RandomResizedCrop` do, with OpenCV's
/// as PaddleClas's `RandCropImage` does.
public struct RandomResizedCrop: Sendable, Equatable {
  /// The smallest share of the image's area.
  public var minimumArea: Double
  /// The largest share of the image's area.
  public var maximumArea: Double
  /// The smallest ratio of width to height.
  public var minimumRatio: Double
  /// The largest ratio of width to height.
  public var maximumRatio: Double
  /// True if the ratio's logarithm is uniform rather than the ratio itself; as the convention does
  /// when nil: torchvision's is, PaddleClas's is not unless `use_log_aspect` is set.
  public var usesLogarithm: Bool?
  /// The interpolations, of which each image gets one; that of evaluation if there is none.
  public var resamplings: [Resampling]

  /// Describes a crop; the defaults are those of torchvision and PaddleClas.
  ///
  /// - Parameters:
  ///   - minimumArea: the smallest share of the image's area.
  ///   - maximumArea: the largest share of the image's area.
  ///   - minimumRatio: the smallest ratio of width to height.
  ///   - maximumRatio: the largest ratio of width to height.
  ///   - usesLogarithm: whether the ratio's logarithm is uniform rather than the ratio itself.
  ///   - resamplings: the interpolations, of which each image gets one.
  public init(
    minimumArea: Double = 0.08, maximumArea: Double = 1, minimumRatio: Double = 3.0 / 4,
    maximumRatio: Double = 4.0 / 3, usesLogarithm: Bool? = nil, resamplings: [Resampling] = []
  ) {
    (self.minimumArea, self.maximumArea) = (minimumArea, maximumArea)
    (self.minimumRatio, self.maximumRatio) = (minimumRatio, maximumRatio)
    (self.usesLogarithm, self.resamplings) = (usesLogarithm, resamplings)
  }

  func check() throws(AugmentationError) {
    try checkEnds("area of a random crop", minimumArea, maximumArea, within: 1e-6...1)
    try checkEnds("ratio of a random crop", minimumRatio, maximumRatio, within: 0.001...1_000)
  }

  /// Draws a part of an image, at least one pixel.
  package func box(
    width: Int, height: Int, convention: ImageConvention, random: inout KeyedRandom
  ) -> Box {
    switch convention {
    case .pil: rejectedBox(width: width, height: height, random: &random)
    case .opencv: boundedBox(width: width, height: height, random: &random)
    }
  }

  /// As torchvision's `RandomResizedCrop.get_params`: ten attempts, then the largest part in the
  /// middle whose ratio is in range.
  private func rejectedBox(width: Int, height: Int, random: inout KeyedRandom) -> Box {
    let image = (width: width, height: height)
    for _ in 0..<10 {
      let area = Double(width * height) * random.nextUniform(from: minimumArea, to: maximumArea)
      let ratio = random.nextRatio(
        from: minimumRatio, to: maximumRatio, usesLogarithm: usesLogarithm ?? true)
      let size = (
        width: Int((area * ratio).squareRoot().rounded(.toNearestOrEven)),
        height: Int((area / ratio).squareRoot().rounded(.toNearestOrEven))
      )
      if (1...width).contains(size.width), (1...height).contains(size.height) {
        return Box(size: size, within: image, random: &random)
      }
    }
    let ratio = Double(width) / Double(height)
    var size = image
    if ratio < minimumRatio {
      size.height = max(1, Int((Double(width) / minimumRatio).rounded(.toNearestOrEven)))
    } else if ratio > maximumRatio {
      size.width = max(1, Int((Double(height) * maximumRatio).rounded(.toNearestOrEven)))
    }
    let left = (width - size.width) / 2
    let top = (height - size.height) / 2
    return Box(columns: left..<(left + size.width), rows: top..<(top + size.height))
  }

  /// As PaddleClas's `RandCropImage`: the ratio first, then an area that fits.
  private func boundedBox(width: Int, height: Int, random: inout KeyedRandom) -> Box {
    let (across, down) = (Double(width), Double(height))
    let ratio = random.nextRatio(
      from: minimumRatio, to: maximumRatio, usesLogarithm: usesLogarithm ?? false)
    let bound = min(across / down / ratio, down / across * ratio)
    let share = random.nextUniform(from: min(minimumArea, bound), to: min(maximumArea, bound))
    let area = across * down * share
    // Where PaddleClas finds no pixel, it fails; and a root may be rounded to above its bound.
    let size = (
      width: min(max(Int((area * ratio).squareRoot()), 1), width),
      height: min(max(Int((area / ratio).squareRoot()), 1), height)
    )
    return Box(size: size, within: (width, height), random: &random)
  }
}

extension Preprocessor {
  /// A part of an image, resized to the crop as the preset's reference does.
  ///
  /// Only the part is read, so pixels around it have no influence. `resampling` replaces that of the
  /// preset.
  ///
  /// - Returns: an image of `preset.crop` × `preset.crop`.
  package func resizedCrop(
    _ image: RGBImage, _ box: Box, _ resampling: Resampling? = nil
  ) -> RGBImage {
    let part = Window(resized: (image.width, image.height), columns: box.columns, rows: box.rows)
    let side = 0..<preset.crop
    return resized(
      image.cropped(part),
      Window(resized: (preset.crop, preset.crop), columns: side, rows: side), resampling)
  }
}
