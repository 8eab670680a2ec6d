import DLAKernelTypes

/// Sixteen channels are this many vectors.
private var vectorsPerPlane: Int { @inline(__always) get { 16 / lanes } }

/// The points of tiles: rows first, into scratch, then columns.
@Sendable
func winogradInput(
  _ tile: WinogradTile, _ places: UnsafeBufferPointer<WinogradTilePlace>, _ call: WinogradInputCall
) {
  let side = tile.side
  var index = 0
  while index < places.count {
    let place = places[index]
    let inputs = tile.pointsOfSide(outputs: place.rows).count
    let rows = WinogradPoints(count: inputs, split: inputs, skipped: 0)
    let points = tile.pointsOfSide(outputs: place.columns)
    var vector = 0
    while vector < vectorsPerPlane {
      let lane = vector * lanes
      inputLines(
        tile, outputs: place.columns, rows, from: call.source + place.source + lane, step: 16,
        line: call.sourceRow, to: call.scratch, point: lanes, line: side * lanes)
      inputLines(
        tile, outputs: place.rows, points, from: call.scratch, step: side * lanes, line: lanes,
        to: call.destination + index * 16 + lane, point: side * call.pointStep,
        line: call.pointStep)
      vector += 1
    }
    index += 1
  }
}

/// Pixels of tiles: columns first, into scratch, then rows.
@Sendable
func winogradOutput(
  _ tile: WinogradTile, _ places: UnsafeBufferPointer<WinogradTilePlace>,
  _ call: WinogradOutputCall
) {
  let side = tile.side
  let floor = splat(call.relu ? 0 : -.infinity)
  var index = 0
  while index < places.count {
    let place = places[index]
    let points = tile.pointsOfSide(outputs: place.columns)
    var vector = 0
    while vector < vectorsPerPlane {
      let lane = vector * lanes
      let from = call.source + index * 16 + lane
      switch (tile, place.rows) {
      case (.two, 2): outputColumns(points, call, from, Line2.self)
      case (.two, _): outputColumns(points, call, from, Line2Of1.self)
      case (.four, 4): outputColumns(points, call, from, Line4.self)
      case (.four, 3): outputColumns(points, call, from, Line4Of3.self)
      case (.four, 2): outputColumns(points, call, from, Line4Of2.self)
      case (.four, _): outputColumns(points, call, from, Line4Of1.self)
      case (.fourStride2, 4): outputColumns(points, call, from, Stride2Line4.self)
      case (.fourStride2, 3): outputColumns(points, call, from, Stride2Line4Of3.self)
      case (.fourStride2, 2): outputColumns(points, call, from, Stride2Line4Of2.self)
      case (.fourStride2, _): outputColumns(points, call, from, Stride2Line4Of1.self)
      }
      switch (tile, place.columns) {
      case (.two, 2): outputRows(place, call, lane: lane, floor, Line2.self)
      case (.two, _): outputRows(place, call, lane: lane, floor, Line2Of1.self)
      case (.four, 4): outputRows(place, call, lane: lane, floor, Line4.self)
      case (.four, 3): outputRows(place, call, lane: lane, floor, Line4Of3.self)
      case (.four, 2): outputRows(place, call, lane: lane, floor, Line4Of2.self)
      case (.four, _): outputRows(place, call, lane: lane, floor, Line4Of1.self)
      case (.fourStride2, 4): outputRows(place, call, lane: lane, floor, Stride2Line4.self)
      case (.fourStride2, 3): outputRows(place, call, lane: lane, floor, Stride2Line4Of3.self)
      case (.fourStride2, 2): outputRows(place, call, lane: lane, floor, Stride2Line4Of2.self)
      case (.fourStride2, _): outputRows(place, call, lane: lane, floor, Stride2Line4Of1.self)
      }
      vector += 1
    }
    index += 1
  }
}

private func inputLines(
  _ tile: WinogradTile, outputs: Int, _ lines: WinogradPoints, from source: UnsafePointer<Float>, step: Int,
  line: Int, to destination: UnsafeMutablePointer<Float>, point: Int, line destinationLine: Int
) {
  @inline(__always) func run<L: WinogradLine>(_: L.Type) {
    var index = 0
    while index < lines.count {
      let position = lines.position(index)
      let to = destination + position * destinationLine
      L.input(source + position * line, step: step) { storeVector(to + $0 * point, $1) }
      index += 1
    }
  }
  switch (tile, outputs) {
  case (.two, 2): run(Line2.self)
  case (.two, _): run(Line2Of1.self)
  case (.four, 4): run(Line4.self)
  case (.four, 3): run(Line4Of3.self)
  case (.four, 2): run(Line4Of2.self)
  case (.four, _): run(Line4Of1.self)
  case (.fourStride2, 4): run(Stride2Line4.self)
  case (.fourStride2, 3): run(Stride2Line4Of3.self)
  case (.fourStride2, 2): run(Stride2Line4Of2.self)
  case (.fourStride2, _): run(Stride2Line4Of1.self)
  }
}

@inline(__always)
private func outputColumns<L: WinogradLine>(
  _ points: WinogradPoints, _ call: WinogradOutputCall, _ source: UnsafePointer<Float>, _: L.Type
) {
  var index = 0
  while index < points.count {
    let point = points.position(index)
    let to = call.scratch + point * lanes
    L.output(source + point * call.pointStep, step: L.side * call.pointStep) {
      storeVector(to + $0 * L.side * lanes, $1)
    }
    index += 1
  }
}

@inline(__always)
private func outputRows<L: WinogradLine>(
  _ place: WinogradTilePlace, _ call: WinogradOutputCall, lane: Int, _ floor: Vector, _: L.Type
) {
  let bias = load(call.bias + lane)
  var row = 0
  while row < place.rows {
    let line = call.scratch + row * L.side * lanes
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
