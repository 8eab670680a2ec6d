import CDLAVector
import DLAKernelTypes

/// For each point, the transformed tiles times the transformed weights.
///
/// Tiles are split evenly into as few columns of registers as hold them; the weights of a point stay
/// in the first-level cache for all of them.
@Sendable
func winogradProducts(_ call: WinogradProductCall) {
  if call.vectors == 1 {
    multiplyPoints(call, Pixel1.self)
  } else {
    multiplyPoints(call, Pixel2.self)
  }
}

private func multiplyPoints<P: Pixel>(_ call: WinogradProductCall, _: P.Type) {
  let panel = call.planes * 16 * P.vectors * lanes
  var point = 0
  while point < call.tiles.count {
    let tiles = call.tiles[point]
    let count = tiles.upperBound - tiles.lowerBound
    let parts = (count + maximumColumns - 1) / maximumColumns
    let weights = call.weights + point * panel
    var first = 0
    var part = 0
    while part < parts {
      let end = (part + 1) * count / parts
      withTile(
        columns: end - first, limit: maximumColumns,
        ProductTile<P>(
          call: call, weights: weights, next: weights + panel + part * panel / parts,
          nextStep: P.vectors * lanes / parts,
          offset: point * call.pointStep + (tiles.lowerBound + first) * 16))
      first = end
      part += 1
    }
    point += 1
  }
}

/// Some tiles at one point.
///
/// While they are multiplied, their share of the next point's weights is asked for, so that the
/// memory is never idle: weights come from the last-level cache or from memory.
private struct ProductTile<Unit: Pixel>: TileVisitor {
  let call: WinogradProductCall
  let weights: UnsafePointer<Float>
  let next: UnsafePointer<Float>
  let nextStep: Int
  let offset: Int

  @inline(__always) func visit<T: Tile>(_: T.Type) where T.Unit == Unit {
    multiply(
      call.source + offset, planes: call.planes, planeStep: call.planeStep, weights: weights,
      next: next, nextStep: nextStep, to: call.destination + offset,
      vector: call.destinationVector, T.self)
  }
}

@inline(never)
func multiply<T: Tile>(
  _ source: UnsafePointer<Float>, planes: Int, planeStep: Int, weights: UnsafePointer<Float>,
  next: UnsafePointer<Float>, nextStep: Int, to destination: UnsafeMutablePointer<Float>,
  vector: Int, _: T.Type
) {
  var source = source
  var weights = weights
  var next = next
  var tile = T.zero
  var plane = 0
  while plane < planes {
    var tap = 0
    while tap < 16 {
      tile.accumulate(source + tap, row: 0, T.Unit.loadWeights(weights), PlaneAccess.self)
      dla_prefetch(next)
      if T.Unit.vectors * lanes > 16 { dla_prefetch(next + 16) }
      next += nextStep
      weights += T.Unit.vectors * lanes
      tap += 1
    }
    source += planeStep
    plane += 1
  }
  tile.store(destination, row: 0, vector: vector, floor: splat(-.infinity))
}
