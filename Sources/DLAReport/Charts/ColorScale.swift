import DLAData
import DLASystem

/// A logarithmic color scale for counts.
///
/// Viridis with monotonic luminance, darker on a light background and lighter on a dark one, so that the
/// order survives color blindness and gray printing.
struct ColorScale {
  enum Ground: CaseIterable {
    case light
    case dark
  }

  /// Red, green and blue, 0 to 255.
  typealias Color = SIMD3<UInt8>

  let empty: Color

  private let ramp: ColorRamp
  private let logarithm: Double

  init(on ground: Ground, upTo largest: Int) {
    switch ground {
    // Yellow has too little contrast on white, purple on black.
    case .light:
      empty = Color(241, 243, 246)
      ramp = ColorRamp(stops: ColorRamp.viridis.stops.dropLast().reversed())
    case .dark:
      empty = Color(32, 38, 47)
      ramp = ColorRamp(stops: Array(ColorRamp.viridis.stops.dropFirst()))
    }
    logarithm = Platform.logarithm(Double(max(2, largest)))
  }

  /// The color of a count.
  subscript(_ count: Int) -> Color {
    count > 0 ? color(at: Platform.logarithm(Double(count)) / logarithm) : empty
  }

  /// The color at a position of the scale, 0 to 1.
  func color(at part: Double) -> Color {
    let mixed = ramp.color(at: Float(part))
    return Color(UInt8(mixed.x), UInt8(mixed.y), UInt8(mixed.z))
  }
}
