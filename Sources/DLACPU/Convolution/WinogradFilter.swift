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
        let scale = points.reduce(1) { $1 == p ? $0 : $0 * (p - $1) }
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
        let (a, b, c) = (rows[3 * row], rows[3 * row + 1], rows[3 * row + 2])
        let x = a * kernelElements[0] + b * kernelElements[3] + c * kernelElements[6]
        let y = a * kernelElements[1] + b * kernelElements[4] + c * kernelElements[7]
        let z = a * kernelElements[2] + b * kernelElements[5] + c * kernelElements[8]
        for column in 0..<side {
          let value = x * rows[3 * column] + y * rows[3 * column + 1] + z * rows[3 * column + 2]
          emit(row * side + column, SIMD8<Float>(value))
        }
      }
    }
  }
}
