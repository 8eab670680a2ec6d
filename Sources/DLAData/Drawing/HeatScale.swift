/// Colours for values from 0 to 1 that grow brighter evenly, so that they read the same in grey and to
/// people who see few colours: from deep violet over red and orange to pale yellow.
enum HeatScale {
  /// Evenly spaced colours of Matplotlib's "inferno" (van der Walt and Smith, CC0).
  private static let stops: [SIMD3<Float>] = [
    [0, 0, 4], [31, 12, 72], [85, 15, 109], [136, 34, 106], [186, 54, 85], [227, 89, 51],
    [249, 140, 10], [249, 201, 50], [252, 255, 164],
  ]

  /// Red, green and blue, 0 to 255.
  static func color(_ value: Float) -> SIMD3<Float> {
    let place = min(max(value, 0), 1) * Float(stops.count - 1)
    let low = min(Int(place), stops.count - 2)
    return stops[low] + (stops[low + 1] - stops[low]) * (place - Float(low))
  }
}
