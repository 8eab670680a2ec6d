import CDLAKernels

/// The transform of 3×3 filters, G g G^T, in float64.
struct WinogradFilter {
  /// A filter of each of eight output channels.
  typealias Lanes = SIMD8<Double>

  private let side: Int
  /// G, [side][3].
  ///
  /// The row of a finite point p is (1, p, p²) over the product of p - q for all other finite
  /// points q, and infinity's is (0, 0, 1). With stride 2, p takes the place of p², as the middle
  /// kernel element meets other inputs: its rows are (0, 1, 0).
  let rows: [Double]

  init(_ tile: WinogradTile) {
    side = tile.side
    let points = tile.finitePoints
    rows =
      points.flatMap { p -> [Double] in
        let scale: Double = points.reduce(1) { $1 == p ? $0 : $0 * (p - $1) }
        return tile.stride == 1
          ? [1 / scale, p / scale, p * p / scale] : [1 / scale, 0, p / scale]
      } + [0, 0, 1]
      + (0..<tile.side - points.count - 1).flatMap { _ in [0, 1, 0] }
  }

  /// Hands on the value of eight filters at each point, [side][side].
  func transform(
    _ kernelElements: UnsafeBufferPointer<Lanes>, _ emit: (_ point: Int, SIMD8<Float>) -> Void
  ) {
    rows.withUnsafeBufferPointer { rows in
      for row in 0..<side {
        let row3 = 3 * row
        /// Row `row` of G times column `j` of the filter.
        func product(_ j: Int) -> Lanes {
          var sum = rows[row3] * kernelElements[j]
          sum += rows[row3 + 1] * kernelElements[j + 3]
          return sum + rows[row3 + 2] * kernelElements[j + 6]
        }
        let (x, y, z) = (product(0), product(1), product(2))
        for column in 0..<side {
          var value: Lanes = x * rows[3 * column]
          value += y * rows[3 * column + 1]
          value += z * rows[3 * column + 2]
          emit(row * side + column, SIMD8<Float>(value))
        }
      }
    }
  }
}
