import DLACore

/// Colours for counts from one to the largest, by their logarithm.
///
/// From the ground's neighbour over green and blue to its opposite: darker all the way on a light
/// ground, lighter on a dark one, so that people who tell few colours apart and printers without
/// colours keep the order. Source: the colours of matplotlib's "viridis" (S. van der Walt and
/// N. Smith, 2015, public domain).
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

  private let anchors: [SIMD3<Double>]
  private let logarithm: Double

  private static let purple = SIMD3<Double>(68, 1, 84)
  private static let between: [SIMD3<Double>] = [
    [59, 82, 139], [33, 145, 140], [94, 201, 98],
  ]
  private static let yellow = SIMD3<Double>(253, 231, 37)

  /// - Parameters:
  ///   - ground: what the colours stand on.
  ///   - largest: the count that has the last colour.
  init(on ground: Ground, upTo largest: Int) {
    switch ground {
    // Yellow could hardly be seen on white, nor purple on black.
    case .light:
      empty = Color(241, 243, 246)
      anchors = Self.between.reversed() + [Self.purple]
    case .dark:
      empty = Color(32, 38, 47)
      anchors = Self.between + [Self.yellow]
    }
    logarithm = Platform.logarithm(Double(max(2, largest)))
  }

  /// The colour of a count.
  subscript(_ count: Int) -> Color {
    count > 0 ? color(at: Platform.logarithm(Double(count)) / logarithm) : empty
  }

  /// The colour at a part of the scale, 0 to 1.
  func color(at part: Double) -> Color {
    let place = min(1, max(0, part)) * Double(anchors.count - 1)
    let first = min(Int(place), anchors.count - 2)
    let rest = place - Double(first)
    let mixed = anchors[first] * (1 - rest) + anchors[first + 1] * rest
    return Color(UInt8(mixed.x), UInt8(mixed.y), UInt8(mixed.z))
  }
}
