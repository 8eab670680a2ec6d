import DLAData
import DLASystem

/// Colours for counts from one to the largest, by their logarithm.
///
/// From the ground's neighbour over green and blue to its opposite: darker all the way on a light
/// ground, lighter on a dark one, so that people who tell few colours apart and printers without
/// colours keep the order.
struct ColorScale {
  /// What the colours stand on.
  enum Ground: CaseIterable {
    case light
    case dark
  }

  /// Red, green and blue, 0 to 255.
  typealias Color = SIMD3<UInt8>

  /// The colour of no counts.
  let empty: Color

  private let ramp: ColorRamp
  private let logarithm: Double

  /// - Parameters:
  ///   - ground: what the colours stand on.
  ///   - largest: the count that has the last colour.
  init(on ground: Ground, upTo largest: Int) {
    switch ground {
    // Yellow could hardly be seen on white, nor purple on black.
    case .light:
      empty = Color(241, 243, 246)
      ramp = ColorRamp(stops: ColorRamp.viridis.stops.dropLast().reversed())
    case .dark:
      empty = Color(32, 38, 47)
      ramp = ColorRamp(stops: Array(ColorRamp.viridis.stops.dropFirst()))
    }
    logarithm = Platform.logarithm(Double(max(2, largest)))
  }

  /// The colour of a count.
  subscript(_ count: Int) -> Color {
    count > 0 ? color(at: Platform.logarithm(Double(count)) / logarithm) : empty
  }

  /// The colour at a part of the scale, 0 to 1.
  func color(at part: Double) -> Color {
    let mixed = ramp.color(at: Float(part))
    return Color(UInt8(mixed.x), UInt8(mixed.y), UInt8(mixed.z))
  }
}
