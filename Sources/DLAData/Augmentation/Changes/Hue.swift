/// The position of a pixel's hue on the colour circle, by its largest channel.
private struct Third {
  /// The start of its hues, in sixths of the circle.
  let start: Double
  /// The channel that raises the hue by its distance from the largest.
  let ahead: Int
  /// The channel that lowers it.
  let behind: Int
}

/// A hue of PIL's `HSV` on the way back to colours.
private struct Sector {
  /// The indices of a pixel's largest, middle and smallest channel.
  let places: (largest: Int, middle: Int, smallest: Int)
  /// The position within its sixth of the colour circle, 0 to 1.
  let fraction: Float
  /// The distance to the next sixth.
  let rest: Double
  /// 1 where the middle channel grows with the hue, else 0.
  let isRising: Double

  init(hue: UInt8) {
    let sixths = Double(hue) * 6 / 255
    fraction = Float(sixths - sixths.rounded(.down))
    rest = 1 - Double(fraction)
    let index = Int(sixths) % 6
    isRising = index % 2 == 0 ? 1 : 0
    places =
      switch index {
      case 0: (0, 1, 2)
      case 1: (1, 0, 2)
      case 2: (1, 2, 0)
      case 3: (2, 1, 0)
      case 4: (2, 0, 1)
      default: (0, 2, 1)
      }
  }
}

/// Rotates hues, pixel by pixel.
///
/// Float32 and float64 alternate as in `rgb2hsv_row` and `hsv2rgb` of Pillow's `Convert.c`. Tables
/// replace branches on colours, which are hard to predict, and conversions of bytes to float32,
/// which wait for the pixel before.
private struct HueTurn {
  private let thirds = [
    Third(start: 0, ahead: 2, behind: 1), Third(start: 2, ahead: 0, behind: 2),
    Third(start: 4, ahead: 1, behind: 0),
  ]
  /// Bytes as numbers.
  private let numbers = (0..<256).map { Float($0) }
  /// Saturations as shares of 1.
  private let shares = (0..<256).map { Float(Double($0) / 255) }
  /// By hue, with the rotation included.
  private let sectors: [Sector]

  /// Prepares to add `shift` to the byte of each hue.
  init(shift: UInt8) {
    sectors = (0...255).map { Sector(hue: $0 &+ shift) }
  }

  @inline(__always)
  func apply(to pixel: UnsafePointer<UInt8>, into turned: UnsafeMutablePointer<UInt8>) {
    let value = max(pixel[0], max(pixel[1], pixel[2]))
    let chroma = value &- min(pixel[0], min(pixel[1], pixel[2]))
    // Greys have saturation 0, and no hue shows.
    let saturation = level(Double(numbers[Int(chroma)] / numbers[Int(max(value, 1))]) * 255)
    let third = thirds[(pixel[0] == value ? 0 : 1) &* (pixel[1] == value ? 1 : 2)]
    let divisor = numbers[Int(max(chroma, 1))]
    let ahead = numbers[Int(value &- pixel[third.ahead])] / divisor
    let behind = numbers[Int(value &- pixel[third.behind])] / divisor
    let turns = Double(Float(third.start + Double(ahead) - Double(behind))) / 6 + 1
    let hue = level(Double(Float(turns - (turns >= 1 ? 1 : 0))) * 255)

    let sector = sectors[Int(hue)]
    let share = shares[Int(saturation)]
    let rising = Double(share) * sector.rest
    let falling = Double(share * sector.fraction)
    let part = sector.isRising * rising + (1 - sector.isRising) * falling
    turned[sector.places.largest] = value
    // Halves go up, as in C's `round`.
    turned[sector.places.middle] = level(Double(value) * (1 - part) + 0.5)
    turned[sector.places.smallest] = level(Double(value) * (1 - Double(share)) + 0.5)
  }
}

extension RGBImage {
  /// torchvision's `adjust_hue`: to PIL's `HSV` of 8 bits each, hues rotated, and back.
  func hueTurned(by turn: Double) -> RGBImage {
    let hues = HueTurn(shift: UInt8(truncatingIfNeeded: Int(turn * 255)))
    return written { source, target in
      for i in 0..<(width * height) { hues.apply(to: source + 3 * i, into: target + 3 * i) }
    }
  }
}
