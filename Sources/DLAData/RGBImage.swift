/// A decoded image: 8-bit red, green and blue.
///
/// Shapes: `pixels` is H×W×3 in C order, values 0 to 255, without padding between rows.
public struct RGBImage: Sendable, Equatable {
  /// The number of columns.
  public let width: Int
  /// The number of rows.
  public let height: Int
  /// Red, green and blue of each pixel, row after row; `width * height * 3` bytes.
  public let pixels: [UInt8]

  /// Makes an image from its pixels.
  ///
  /// - Parameters:
  ///   - width: the number of columns, at least 1.
  ///   - height: the number of rows, at least 1.
  ///   - pixels: H×W×3 bytes.
  /// - Precondition: `pixels.count` is `width * height * 3`.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(width > 0 && height > 0, "an image of \(width)×\(height) has no pixels")
    precondition(
      pixels.count == width * height * 3,
      "an image of \(width)×\(height) has \(width * height * 3) bytes, \(pixels.count) were given")
    self.width = width
    self.height = height
    self.pixels = pixels
  }
}
