import CDLAKernels
import CDLAVector

/// The inputs of a tile in one line.
private protocol Line: Access {
  static var inputs: Int { get }
}

/// Sixteen channels.
private enum ChannelBlockLine: Line {
  @inline(__always) static var pixelStep: Int { 16 }
  @inline(__always) static var inputs: Int { 16 }
}

/// Two kernel elements of an NCHW image.
private enum PairLine: Line {
  @inline(__always) static var pixelStep: Int { 1 }
  @inline(__always) static var inputs: Int { 2 }
}

/// For each point, the transformed tiles times the transformed weights.
///
/// Tiles are split evenly into as few columns of registers as hold them; the weights of a point stay
/// in the first-level cache for all of them.
func winogradProducts(_ call: WinogradProductCall) {
  switch (call.vectors, call.lines) {
  case (1, .channelBlocks): multiplyPoints(call, Pixel1.self, ChannelBlockLine.self)
  case (1, .pairs): multiplyPoints(call, Pixel1.self, PairLine.self)
  case (_, .channelBlocks): multiplyPoints(call, Pixel2.self, ChannelBlockLine.self)
  case (_, .pairs): multiplyPoints(call, Pixel2.self, PairLine.self)
  }
}

private func multiplyPoints<P: Pixel, L: Line>(_ call: WinogradProductCall, _: P.Type, _: L.Type) {
  let panel = call.count * L.inputs * P.vectors * lanes
  var point = 0
  while point < call.points {
    let tiles = call.tiles[point]
    let count = tiles.upperBound - tiles.lowerBound
    let parts = (count + RowTiles.maximum - 1) / RowTiles.maximum
    let weights = call.weights + point * panel
    let source = call.source + point * call.sourcePoint + tiles.lowerBound * L.pixelStep
    let destination = call.destination + point * call.destinationPoint + tiles.lowerBound * 16
    var first = 0
    var part = 0
    while part < parts {
      let end = (part + 1) * count / parts
      RowTiles.visit(
        columns: end - first,
        ProductTile<P, L>(
          source: source + first * L.pixelStep, lines: call.count, lineStep: call.lineStep,
          weights: weights, next: weights + panel + part * panel / parts,
          nextStep: P.vectors * lanes / parts, destination: destination + first * 16,
          vector: call.destinationVector))
      first = end
      part += 1
    }
    point += 1
  }
}

/// Some tiles at one point.
///
/// While they are multiplied, their share of the next point's weights is prefetched, so that the
/// memory is never idle: weights come from the last-level cache or from memory.
private struct ProductTile<Unit: Pixel, L: Line>: TileVisitor {
  let source: UnsafePointer<Float>
  let lines: Int
  let lineStep: Int
  let weights: UnsafePointer<Float>
  let next: UnsafePointer<Float>
  let nextStep: Int
  let destination: UnsafeMutablePointer<Float>
  let vector: Int

  @inline(__always) func visit<T: Tile>(_: T.Type) where T.Unit == Unit {
    multiply(
      source, lines: lines, lineStep: lineStep, weights: weights, next: next, nextStep: nextStep,
      to: destination, vector: vector, T.self, L.self)
  }
}

@inline(never)
private func multiply<T: Tile, L: Line>(
  _ source: UnsafePointer<Float>, lines: Int, lineStep: Int, weights: UnsafePointer<Float>,
  next: UnsafePointer<Float>, nextStep: Int, to destination: UnsafeMutablePointer<Float>,
  vector: Int, _: T.Type, _: L.Type
) {
  var source = source
  var weights = weights
  var next = next
  var tile = T.zero
  var line = 0
  while line < lines {
    var input = 0
    while input < L.inputs {
      tile.accumulate(source + input, row: 0, T.Unit.loadWeights(weights), L.self)
      // Both conditions are constants. With one that is known only at run time, the compiler keeps
      // the sums of wide tiles in memory.
      if L.inputs == 16 {
        dla_prefetch(next)
        if T.Unit.vectors * lanes > 16 { dla_prefetch(next + 16) }
        next += nextStep
      }
      weights += T.Unit.vectors * lanes
      input += 1
    }
    source += lineStep
    line += 1
  }
  tile.store(destination, row: 0, pixel: 16, vector: vector, floor: splat(-.infinity))
}
