/// Colours for values from 0 to 1.
package struct ColorRamp: Sendable {
  /// Evenly spaced colours: red, green and blue, 0 to 255.
  package let stops: [SIMD3<Float>]

  /// Describes colours.
  ///
  /// - Precondition: there are at least two.
  package init(stops: [SIMD3<Float>]) {
    precondition(stops.count > 1, "\(stops.count) colours make no ramp")
    self.stops = stops
  }

  /// The colour of a value; those outside 0 to 1 have the outer ones.
  package func color(at value: Float) -> SIMD3<Float> {
    let place = min(max(value, 0), 1) * Float(stops.count - 1)
    let low = min(Int(place), stops.count - 2)
    return stops[low] + (stops[low + 1] - stops[low]) * (place - Float(low))
  }

  // Both grow brighter evenly, so that they read the same in grey and to people who tell few colours
  // apart. Source: Matplotlib's colour maps of these names (S. van der Walt and N. Smith, 2015, CC0).

  /// From deep violet over red and orange to pale yellow.
  package static let inferno = ColorRamp(stops: [
    [0, 0, 4], [31, 12, 72], [85, 15, 109], [136, 34, 106], [186, 54, 85], [227, 89, 51],
    [249, 140, 10], [249, 201, 50], [252, 255, 164],
  ])

  /// From purple over blue and green to yellow.
  package static let viridis = ColorRamp(stops: [
    [68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37],
  ])
}
