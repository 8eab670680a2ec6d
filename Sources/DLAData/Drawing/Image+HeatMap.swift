/// A part of a picture, in its pixels.
public struct Region: Sendable, Equatable {
  /// The left edge.
  public let x: Double
  /// The upper edge.
  public let y: Double
  /// The number of columns.
  public let width: Double
  /// The number of rows.
  public let height: Double

  /// Describes a part of a picture.
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
  /// The part of a picture that becomes the crop.
  ///
  /// - Parameters:
  ///   - width: columns of the whole picture.
  ///   - height: rows of the whole picture.
  /// - Returns: where the crop lies in it; beyond its edges where the crop is padded.
  public func cropRegion(width: Int, height: Int) -> Region {
    let size = preset.resizedSize(width: width, height: height)
    let across = Double(width) / Double(size.width)
    let down = Double(height) / Double(size.height)
    let left = Double(preset.cropStart(length: size.width))
    let top = Double(preset.cropStart(length: size.height))
    return Region(
      x: left * across, y: top * down, width: Double(preset.crop) * across,
      height: Double(preset.crop) * down)
  }
}

extension Image {
  /// The picture with a map over a part of it.
  ///
  /// The more a place counts, the more of a bright colour lies on it. What counts little, and all outside of the part, is grey and dark.
  ///
  /// - Parameters:
  ///   - map: values from 0 to 1.
  ///   - region: the part of this picture that the map covers.
  /// - Returns: a picture of the same size.
  public func overlaid(with map: HeatMap, on region: Region) -> Image {
    Image(width: width, height: height) { target in
      for row in 0..<height {
        let y = Float((Double(row) + 0.5 - region.y) / region.height)
        for column in 0..<width {
          let x = Float((Double(column) + 0.5 - region.x) / region.width)
          let place = (row * width + column) * 3
          let pixel = SIMD3<Float>(
            Float(pixels[place]), Float(pixels[place + 1]), Float(pixels[place + 2]))
          let isInside = (0...1).contains(x) && (0...1).contains(y)
          let mixed = isInside ? pixel.heated(map.value(x: x, y: y)) : pixel.faded * 0.35
          for channel in 0..<3 {
            target[place + channel] = UInt8(min(max(mixed[channel].rounded(), 0), 255))
          }
        }
      }
    }
  }

  /// The picture at another size, its sides in the same proportion.
  ///
  /// - Parameter longSide: the longer side in pixels, at least 1.
  /// - Returns: the picture, resized as PIL does.
  public func resized(longSide: Int) -> Image {
    let scale = Double(longSide) / Double(max(width, height))
    let size = (
      width: max(1, Int((Double(width) * scale).rounded())),
      height: max(1, Int((Double(height) * scale).rounded()))
    )
    return resizePillow(
      self, Window(resized: size, columns: 0..<size.width, rows: 0..<size.height))
  }
}

extension SIMD3<Float> {
  /// The brightness of a colour in all three (ITU-R BT.601).
  fileprivate var faded: SIMD3<Float> {
    SIMD3(repeating: 0.299 * self[0] + 0.587 * self[1] + 0.114 * self[2])
  }

  /// The colour of a pixel that counts as much as `value`, 0 to 1.
  fileprivate func heated(_ value: Float) -> SIMD3<Float> {
    let ground = faded * (1 - value) * 0.75 + self * value
    let share = 0.75 * value * (2 - value)
    return ground * (1 - share) + HeatScale.color(0.35 + 0.65 * value) * share
  }
}
