import CDLAKernels

/// Lines that are transformed alike, and their places among all of a side.
///
/// Of this module, since a call for each place would empty the vector registers.
private struct Lines {
  let count: Int
  private let split: Int
  private let skipped: Int

  /// All of a side.
  @inline(__always) init(count: Int) { (self.count, split, skipped) = (count, count, 0) }
  @inline(__always) init(_ points: WinogradPoints) {
    (count, split, skipped) = (points.count, points.split, points.skipped)
  }
  @inline(__always) func place(_ index: Int) -> Int { index < split ? index : index + skipped }
}

/// Transforms inputs of tiles to the Winograd domain.
func winogradInput(_ call: WinogradInputCall) {
  toPoints(call.tiles, call.destination, InputTransform.self) { place in
    (Lines(count: place.inputRows), call.source + place.source, pixel: 16, row: call.sourceRow)
  }
}

/// Transforms gradients of tiles to the Winograd domain.
func winogradGradient(_ call: WinogradGradientCall) {
  let source = call.source
  toPoints(call.tiles, call.destination, GradientTransform.self) { place in
    (Lines(count: place.rows), source.base + place.destination, pixel: source.pixel, source.row)
  }
}

/// A transform to the points of a line.
private protocol PointTransform {
  static func apply<L: WinogradLine>(
    _: L.Type, _ source: Strided, _ emit: (_ point: Int, Vector) -> Void)
}

private enum InputTransform: PointTransform {
  @inline(__always) static func apply<L: WinogradLine>(
    _: L.Type, _ source: Strided, _ emit: (Int, Vector) -> Void
  ) { L.input(source, emit) }
}

private enum GradientTransform: PointTransform {
  @inline(__always) static func apply<L: WinogradLine>(
    _: L.Type, _ source: Strided, _ emit: (Int, Vector) -> Void
  ) { L.gradient(source, emit) }
}

/// Transforms tiles: rows first, into scratch, then columns.
///
/// `tile` gives the rows of a tile and where they lie.
@inline(__always)
private func toPoints<T: PointTransform>(
  _ tiles: WinogradTiles, _ destination: UnsafeMutablePointer<Float>, _: T.Type,
  _ tile: (WinogradTilePlace) -> (Lines, UnsafePointer<Float>, pixel: Int, row: Int)
) {
  let line = tiles.side * lanes
  var index = 0
  while index < tiles.count {
    let place = tiles.places[index]
    let (lines, source, pixel, row) = tile(place)
    var lane = 0
    while lane < 16 {
      let rows = PointLines<T>(
        lines: lines, source: source + lane, step: pixel, sourceLine: row,
        destination: tiles.scratch, point: lanes, destinationLine: line)
      withLine(tiles.tile, outputs: place.columns, rows)
      let columns = PointLines<T>(
        lines: Lines(place.points), source: tiles.scratch, step: line, sourceLine: lanes,
        destination: destination + index * 16 + lane, point: tiles.side * tiles.pointStep,
        destinationLine: tiles.pointStep)
      withLine(tiles.tile, outputs: place.rows, columns)
      lane += lanes
    }
    index += 1
  }
}

/// Lines that are transformed alike.
private struct PointLines<T: PointTransform>: LineVisitor {
  let lines: Lines
  let source: UnsafePointer<Float>
  let step: Int
  let sourceLine: Int
  let destination: UnsafeMutablePointer<Float>
  let point: Int
  let destinationLine: Int

  @inline(__always) func visit<L: WinogradLine>(_: L.Type) {
    var index = 0
    while index < lines.count {
      let line = lines.place(index)
      let to = destination + line * destinationLine
      T.apply(L.self, Strided(source + line * sourceLine, step: step)) {
        storeVector(to + $0 * point, $1)
      }
      index += 1
    }
  }
}

/// Transforms tiles from the Winograd domain to pixels: columns first, into scratch, then rows.
func winogradOutput(_ call: WinogradOutputCall) {
  let tile = call.tiles.tile
  let floor = splat(call.relu ? 0 : -.infinity)
  var index = 0
  while index < call.tiles.count {
    let place = call.tiles.places[index]
    var lane = 0
    while lane < 16 {
      let columns = OutputColumns(
        points: Lines(place.points), call: call,
        source: call.source + index * 16 + lane)
      withLine(tile, outputs: place.rows, columns)
      withLine(
        tile, outputs: place.columns, OutputRows(place: place, call: call, lane: lane, floor: floor)
      )
      lane += lanes
    }
    index += 1
  }
}

/// The columns of a tile, into scratch.
private struct OutputColumns: LineVisitor {
  let points: Lines
  let call: WinogradOutputCall
  let source: UnsafePointer<Float>

  @inline(__always) func visit<L: WinogradLine>(_: L.Type) {
    var index = 0
    while index < points.count {
      let point = points.place(index)
      let to = call.tiles.scratch + point * lanes
      let from = Strided(
        source + point * call.tiles.pointStep, step: L.side * call.tiles.pointStep)
      L.output(from) {
        storeVector(to + $0 * L.side * lanes, $1)
      }
      index += 1
    }
  }
}

/// The rows of a tile, out of scratch.
private struct OutputRows: LineVisitor {
  let place: WinogradTilePlace
  let call: WinogradOutputCall
  let lane: Int
  let floor: Vector

  @inline(__always) func visit<L: WinogradLine>(_: L.Type) {
    let bias = load(call.bias + lane)
    var row = 0
    while row < place.rows {
      let line = Strided(call.tiles.scratch + row * L.side * lanes, step: lanes)
      let to = call.destination + place.destination + row * call.destinationRow + lane
      if let shortcut = call.shortcut {
        let added = shortcut + place.shortcut + row * call.shortcutRow + lane
        L.output(line) {
          storeVector(to + $0 * 16, maximum(floor, $1 + bias + load(added + $0 * 16)))
        }
      } else {
        L.output(line) { storeVector(to + $0 * 16, maximum(floor, $1 + bias)) }
      }
      row += 1
    }
  }
}
