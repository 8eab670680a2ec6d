/// A hue of PIL's `HSV` on the way back to colours.
private struct Sector {
  /// Which sixth of the colour circle, 0 to 5.
  let index: UInt8
  /// How far within it, 0 to 1.
  let fraction: Float
}

extension Image {
  /// torchvision's `adjust_hue`: to PIL's `HSV` of 8 bits each, hues turned, and back.
  ///
  /// Float32 and float64 take turns as in `rgb2hsv_row` and `hsv2rgb` of Pillow's `Convert.c`.
  func hueTurned(by turn: Double) -> Image {
    let shift = UInt8(truncatingIfNeeded: Int(turn * 255))
    // What follows from the hue alone, with the turn in it.
    let sectors = (0..<256).map { hue in
      let sixths = Double(UInt8(hue) &+ shift) * 6 / 255
      return Sector(
        index: UInt8(sixths) % 6, fraction: Float(sixths - sixths.rounded(.down)))
    }
    return written { source, target in
      sectors.withUnsafeBufferPointer { sectors in
        for i in 0..<(width * height) { turned(source + 3 * i, sectors, into: target + 3 * i) }
      }
    }
  }
}

@inline(__always)
private func turned(
  _ pixel: UnsafePointer<UInt8>, _ sectors: UnsafeBufferPointer<Sector>,
  into target: UnsafeMutablePointer<UInt8>
) {
  let (red, green, blue) = (pixel[0], pixel[1], pixel[2])
  let value = max(red, max(green, blue))
  let chroma = Float(value &- min(red, min(green, blue)))
  // Greys have no hue, nor has what is so near to grey that its saturation becomes 0.
  let saturation =
    chroma > 0 ? UInt8(truncatingIfNeeded: Int32(Double(chroma / Float(value)) * 255)) : 0
  guard saturation > 0 else {
    (target[0], target[1], target[2]) = (value, value, value)
    return
  }
  let fromRed = Float(value &- red) / chroma
  let fromGreen = Float(value &- green) / chroma
  let fromBlue = Float(value &- blue) / chroma
  let sixths: Float =
    if red == value {
      fromBlue - fromGreen
    } else if green == value {
      Float(2 + Double(fromRed) - Double(fromBlue))
    } else {
      Float(4 + Double(fromGreen) - Double(fromRed))
    }
  let turns = Double(sixths) / 6 + 1
  let hue = Double(Float(turns >= 1 ? turns - 1 : turns)) * 255
  let sector = sectors[Int(UInt8(truncatingIfNeeded: Int32(hue)))]

  let share = Float(Double(saturation) / 255)
  func level(_ part: Double) -> UInt8 {
    // Halves go up, as in C's `round`.
    UInt8(truncatingIfNeeded: Int32(Double(value) * (1 - part) + 0.5))
  }
  let low = level(Double(share))
  let falling = level(Double(share * sector.fraction))
  let rising = level(Double(share) * (1 - Double(sector.fraction)))
  switch sector.index {
  case 0: (target[0], target[1], target[2]) = (value, rising, low)
  case 1: (target[0], target[1], target[2]) = (falling, value, low)
  case 2: (target[0], target[1], target[2]) = (low, value, rising)
  case 3: (target[0], target[1], target[2]) = (low, falling, value)
  case 4: (target[0], target[1], target[2]) = (rising, low, value)
  default: (target[0], target[1], target[2]) = (value, low, falling)
  }
}
