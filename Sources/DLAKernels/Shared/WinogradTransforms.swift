import CDLAKernels

/// Sixteen channels are this many vectors.
private var vectorsPerChannelBlock: Int { @inline(__always) get { 16 / lanes } }

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

/// Transforms inputs of tiles to the Winograd domain: rows first, into scratch, then columns.
func winogradInput(_ call: WinogradInputCall) {
  let (tile, side, scratch) = (call.tiles.tile, call.tiles.side, call.tiles.scratch)
  var index = 0
  while index < call.tiles.count {
    let place = call.tiles.places[index]
    var vector = 0
    while vector < vectorsPerChannelBlock {
      let lane = vector * lanes
      let rows = InputLines(
        lines: Lines(count: place.inputRows),
        source: call.source + place.source + lane, step: 16, sourceLine: call.sourceRow,
        destination: scratch, point: lanes, destinationLine: side * lanes)
      withLine(tile, outputs: place.columns, rows)
      let columns = InputLines(
        lines: Lines(place.points), source: scratch,
        step: side * lanes, sourceLine: lanes, destination: call.destination + index * 16 + lane,
        point: side * call.tiles.pointStep, destinationLine: call.tiles.pointStep)
      withLine(tile, outputs: place.rows, columns)
      vector += 1
    }
    index += 1
  }
}

/// Lines of inputs that are transformed alike.
private struct InputLines: LineVisitor {
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
      L.input(source + line * sourceLine, step: step) { storeVector(to + $0 * point, $1) }
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
    var vector = 0
    while vector < vectorsPerChannelBlock {
      let lane = vector * lanes
      let columns = OutputColumns(
        points: Lines(place.points), call: call,
        source: call.source + index * 16 + lane)
      withLine(tile, outputs: place.rows, columns)
      withLine(
        tile, outputs: place.columns, OutputRows(place: place, call: call, lane: lane, floor: floor)
      )
      vector += 1
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
      L.output(source + point * call.tiles.pointStep, step: L.side * call.tiles.pointStep) {
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
      let line = call.tiles.scratch + row * L.side * lanes
      let to = call.destination + place.destination + row * call.destinationRow + lane
      if let shortcut = call.shortcut {
        let added = shortcut + place.shortcut + row * call.shortcutRow + lane
        L.output(line, step: lanes) {
          storeVector(to + $0 * 16, maximum(floor, $1 + bias + load(added + $0 * 16)))
        }
      } else {
        L.output(line, step: lanes) { storeVector(to + $0 * 16, maximum(floor, $1 + bias)) }
      }
      row += 1
    }
  }
}

/// Transforms gradients of tiles to the Winograd domain: rows first, into scratch, then columns.
func winogradGradient(_ call: WinogradGradientCall) {
  let (tile, side, scratch) = (call.tiles.tile, call.tiles.side, call.tiles.scratch)
  var index = 0
  while index < call.tiles.count {
    let place = call.tiles.places[index]
    var vector = 0
    while vector < vectorsPerChannelBlock {
      let lane = vector * lanes
      let rows = GradientLines(
        lines: Lines(count: place.rows), source: call.source.base + place.destination + lane,
        step: call.source.pixel, sourceLine: call.source.row, destination: scratch,
        point: lanes, destinationLine: side * lanes)
      withLine(tile, outputs: place.columns, rows)
      let columns = GradientLines(
        lines: Lines(place.points), source: scratch, step: side * lanes, sourceLine: lanes,
        destination: call.destination + index * 16 + lane, point: side * call.tiles.pointStep,
        destinationLine: call.tiles.pointStep)
      withLine(tile, outputs: place.rows, columns)
      vector += 1
    }
    index += 1
  }
}

/// Lines of gradients that are transformed alike.
private struct GradientLines: LineVisitor {
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
      L.gradient(source + line * sourceLine, step: step) { storeVector(to + $0 * point, $1) }
      index += 1
    }
  }
}
