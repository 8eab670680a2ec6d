extension RGBImage {
  /// The image with a map over a part of it.
  ///
  /// The more a place counts, the more of a bright colour lies on it. What counts little, and all
  /// outside of the part, is grey and dark.
  ///
  /// - Parameters:
  ///   - map: values from 0 to 1.
  ///   - region: the part of this image that the map covers.
  /// - Returns: an image of the same size.
  public func overlaid(with map: HeatMap, on region: ImageRegion) -> RGBImage {
    RGBImage(width: width, height: height) { target in
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
    return ground * (1 - share) + ColorRamp.inferno.color(at: 0.35 + 0.65 * value) * share
  }
}
