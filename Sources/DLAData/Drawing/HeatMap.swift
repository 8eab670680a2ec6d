/// The importance of each part of an image, on a grid that covers it.
public struct HeatMap: Sendable, Equatable {
  /// The number of columns.
  public let width: Int
  /// The number of rows.
  public let height: Int
  /// One value for each cell, row after row.
  public let values: [Float]

  /// Makes a map from its values.
  /// - Precondition: `values.count` is `width * height`, at least 1.
  public init(width: Int, height: Int, values: [Float]) {
    precondition(
      width > 0 && height > 0 && values.count == width * height,
      "a map of \(width)×\(height) has \(width * height) values, \(values.count) were given")
    (self.width, self.height, self.values) = (width, height, values)
  }

  /// The map with its largest value at 1 and what is below 0 at 0; all 0 if nothing is above.
  public var normalized: HeatMap {
    let largest = values.max() ?? 0
    return HeatMap(
      width: width, height: height,
      values: values.map { largest > 0 ? max(0, $0) / largest : 0 })
  }

  /// The value at a place, smooth from cell to cell.
  ///
  /// A cubic B-spline, in which no edge of a cell shows and which stays within the values around the
  /// place.
  ///
  /// - Parameters:
  ///   - x: 0 at the left edge, 1 at the right one.
  ///   - y: 0 at the upper edge, 1 at the lower one.
  /// - Returns: the value there.
  public func value(x: Float, y: Float) -> Float {
    let columns = Self.neighbours(x, width)
    let rows = Self.neighbours(y, height)
    var sum: Float = 0
    for row in 0..<4 {
      for column in 0..<4 {
        let cell = values[rows.cells[row] * width + columns.cells[column]]
        sum += rows.shares[row] * columns.shares[column] * cell
      }
    }
    return sum
  }

  /// The four cells around a position, those beyond the edge being the outer ones, and their shares.
  private static func neighbours(
    _ position: Float, _ count: Int
  ) -> (cells: SIMD4<Int>, shares: SIMD4<Float>) {
    let place = position * Float(count) - 0.5
    let base = place.rounded(.down)
    let t = place - base
    let shares = SIMD4<Float>(
      (1 - t) * (1 - t) * (1 - t), 3 * t * t * t - 6 * t * t + 4,
      -3 * t * t * t + 3 * t * t + 3 * t + 1, t * t * t)
    let cells = SIMD4<Int>(-1, 0, 1, 2) &+ Int(base)
    return (cells.clamped(lowerBound: .zero, upperBound: SIMD4(repeating: count - 1)), shares / 6)
  }
}

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

  // Both grow brighter evenly, so that they read the same in grey and to readers who see few colours
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

extension RGBImage {
  /// The image with a map over a part of it.
  ///
  /// Important places are bright and coloured; unimportant ones, and all outside of the part, are
  /// grey and dark.
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

  /// The colour of a pixel of importance `value`, 0 to 1.
  fileprivate func heated(_ value: Float) -> SIMD3<Float> {
    let ground = faded * (1 - value) * 0.75 + self * value
    let share = 0.75 * value * (2 - value)
    return ground * (1 - share) + ColorRamp.inferno.color(at: 0.35 + 0.65 * value) * share
  }
}
