/// How much each part of an image counts, on a grid that covers it.
public struct HeatMap: Sendable, Equatable {
  /// The number of columns.
  public let width: Int
  /// The number of rows.
  public let height: Int
  /// One value for each cell, row after row.
  public let values: [Float]

  /// Makes a map from its values.
  ///
  /// - Parameters:
  ///   - width: the number of columns.
  ///   - height: the number of rows.
  ///   - values: one for each cell, row after row; finite.
  /// - Precondition: `values.count` is `width * height`, at least 1.
  public init(width: Int, height: Int, values: [Float]) {
    precondition(
      width > 0 && height > 0 && values.count == width * height,
      "a map of \(width)×\(height) has \(width * height) values, \(values.count) were given")
    self.width = width
    self.height = height
    self.values = values
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
