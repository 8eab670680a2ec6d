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
    (self.width, self.height, self.pixels) = (width, height, pixels)
  }
}

extension RGBImage {
  /// The image at another size, its sides in the same proportion.
  ///
  /// - Parameter longSide: the longer side in pixels, at least 1.
  /// - Returns: the image, resized as PIL's `BILINEAR` does.
  public func resized(longSide: Int) -> RGBImage {
    resized(scale: Double(longSide) / Double(max(width, height)))
  }

  /// A smaller image of the same aspect ratio, with these sides at most; a small one stays as it
  /// is.
  ///
  /// - Returns: the image, resized as PIL's `BILINEAR` does.
  package func thumbnail(short: Int, long: Int) -> RGBImage {
    resized(
      scale: min(
        1, Double(short) / Double(min(width, height)), Double(long) / Double(max(width, height))))
  }

  private func resized(scale: Double) -> RGBImage {
    func length(_ side: Int) -> Int { max(1, Int((Double(side) * scale).rounded())) }
    let size = (width: length(width), height: length(height))
    guard size != (width, height) else { return self }
    return resizePillow(
      self, Window(resized: size, columns: 0..<size.width, rows: 0..<size.height), .bilinear)
  }
}
