import CDLAKernels

/// Writes the columns of a matrix as rows: squares of whole vectors in registers, what is left one by
/// one.
func transpose(_ call: TransposeCall) {
  let rows = call.rows / lanes * lanes
  let columns = call.columns / lanes * lanes
  var column = 0
  while column < columns {
    var row = 0
    while row < rows {
      let source = call.source + row * call.sourceRow + column
      let destination = call.destination + column * call.destinationRow + row
      if lanes == 16 {
        transpose(call, source, destination, Rows16.self)
      } else {
        transpose(call, source, destination, Rows8.self)
      }
      row += lanes
    }
    column += lanes
  }
  copy(call, rows: 0..<rows, columns: columns..<call.columns)
  copy(call, rows: rows..<call.rows, columns: 0..<call.columns)
}

private func copy(_ call: TransposeCall, rows: Range<Int>, columns: Range<Int>) {
  var column = columns.lowerBound
  while column < columns.upperBound {
    var row = rows.lowerBound
    while row < rows.upperBound {
      call.destination[column * call.destinationRow + row] =
        call.source[row * call.sourceRow + column]
      row += 1
    }
    column += 1
  }
}

/// A square of vectors, as many as each has lanes.
///
/// One shuffle makes the highest bit of a number's row the lowest of its column, and that of its column
/// the lowest of its row; after as many as there are bits rows and columns have changed places.
@inline(__always)
private func transpose<L: Rows>(
  _ call: TransposeCall, _ source: UnsafePointer<Float>,
  _ destination: UnsafeMutablePointer<Float>, _: Doubled<L>.Type
) {
  var rows = Doubled<L>(source, step: call.sourceRow)
  var passes = lanes
  while passes > 1 {
    rows = rows.shuffled
    passes /= 2
  }
  rows.store(destination, step: call.destinationRow)
}

/// Some vectors that stay in registers, a nested structure as a tile is.
private protocol Rows {
  static var count: Int { get }
  init(_ source: UnsafePointer<Float>, step: Int)
  func store(_ destination: UnsafeMutablePointer<Float>, step: Int)
  /// Vectors of both, interleaved lane by lane: two for each pair.
  static func zip(_ first: Self, _ second: Self) -> Doubled<Self>
}

private struct Row: Rows {
  private let vector: Vector

  @inline(__always) static var count: Int { 1 }
  @inline(__always) private init(_ vector: Vector) { self.vector = vector }
  @inline(__always) init(_ source: UnsafePointer<Float>, step: Int) { vector = load(source) }
  @inline(__always) func store(_ destination: UnsafeMutablePointer<Float>, step: Int) {
    storeVector(destination, vector)
  }
  @inline(__always) static func zip(_ first: Row, _ second: Row) -> Doubled<Row> {
    var (low, high) = (splat(0), splat(0))
    low.evenHalf = first.vector.lowHalf
    low.oddHalf = second.vector.lowHalf
    high.evenHalf = first.vector.highHalf
    high.oddHalf = second.vector.highHalf
    return Doubled(Row(low), Row(high))
  }
}

private struct Doubled<Half: Rows>: Rows {
  private let first: Half
  private let second: Half

  @inline(__always) static var count: Int { 2 * Half.count }
  @inline(__always) init(_ first: Half, _ second: Half) {
    (self.first, self.second) = (first, second)
  }
  @inline(__always) init(_ source: UnsafePointer<Float>, step: Int) {
    first = Half(source, step: step)
    second = Half(source + Half.count * step, step: step)
  }
  @inline(__always) func store(_ destination: UnsafeMutablePointer<Float>, step: Int) {
    first.store(destination, step: step)
    second.store(destination + Half.count * step, step: step)
  }
  @inline(__always) static func zip(_ first: Self, _ second: Self) -> Doubled<Self> {
    Doubled<Self>(Half.zip(first.first, second.first), Half.zip(first.second, second.second))
  }
  /// The rows of the first and of the second half, interleaved lane by lane.
  @inline(__always) var shuffled: Doubled<Half> { Half.zip(first, second) }
}

private typealias Rows8 = Doubled<Doubled<Doubled<Row>>>
private typealias Rows16 = Doubled<Rows8>
