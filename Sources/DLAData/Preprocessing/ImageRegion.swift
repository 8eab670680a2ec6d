/// A part of an image, in its pixels.
public struct ImageRegion: Sendable, Equatable {
  /// The left edge.
  public let x: Double
  /// The upper edge.
  public let y: Double
  /// The number of columns.
  public let width: Double
  /// The number of rows.
  public let height: Double

  /// Describes a part of an image.
  ///
  /// - Parameters:
  ///   - x: the left edge.
  ///   - y: the upper edge.
  ///   - width: the number of columns.
  ///   - height: the number of rows.
  public init(x: Double, y: Double, width: Double, height: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }
}

extension Preprocessor {
  /// The part of an image that becomes the crop.
  ///
  /// - Parameters:
  ///   - width: columns of the whole image.
  ///   - height: rows of the whole image.
  /// - Returns: where the crop lies in it; beyond its edges where the crop is padded.
  public func cropRegion(width: Int, height: Int) -> ImageRegion {
    let size = preset.resizedSize(width: width, height: height)
    let across = Double(width) / Double(size.width)
    let down = Double(height) / Double(size.height)
    let left = Double(preset.cropStart(length: size.width))
    let top = Double(preset.cropStart(length: size.height))
    return ImageRegion(
      x: left * across, y: top * down, width: Double(preset.crop) * across,
      height: Double(preset.crop) * down)
  }
}
