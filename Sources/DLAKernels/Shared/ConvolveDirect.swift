import CDLAKernels
import CDLAVector

/// A direct convolution in float32: the input at every kernel element, broadcast, times a vector of
/// weights.
///
/// Cost: one multiply-add per kernel element, pixel and vector; nothing is copied.
func convolveDirect(_ geometry: DirectConvolution, _ call: ConvolutionCall) {
  switch (call.vectors, geometry.pixelStep) {
  case (1, .nchw):
    convolveRows(geometry, call, Pixel1.self, NCHWAccess.self, RareTiles.self, RareTiles.self)
  case (1, .blocked):
    convolveRows(geometry, call, Pixel1.self, BlockedAccess.self, RowTiles.self, RareTiles.self)
  case (1, .blockedStride2):
    convolveRows(
      geometry, call, Pixel1.self, BlockedStride2Access.self, RowTiles.self, RareTiles.self)
  case (1, .blockedToStride2):
    convolveRows(
      geometry, call, Pixel1.self, BlockedToStride2Access.self, RowTiles.self, RareTiles.self)
  case (_, .nchw):
    convolveRows(geometry, call, Pixel2.self, NCHWAccess.self, RareTiles.self, RareTiles.self)
  case (_, .blocked):
    convolveRows(geometry, call, Pixel2.self, BlockedAccess.self, RowTiles.self, RowPairTiles.self)
  case (_, .blockedStride2):
    convolveRows(
      geometry, call, Pixel2.self, BlockedStride2Access.self, RowTiles.self, RowPairTiles.self)
  case (_, .blockedToStride2):
    convolveRows(
      geometry, call, Pixel2.self, BlockedToStride2Access.self, RowTiles.self, RowPairTiles.self)
  }
}

/// Loops that no network of the family needs to be fast: NCHW images take 1-D Winograd, and a single
/// vector of output channels (level 0, groups of 16 channels) occurs on rows that fill a tile.
private typealias RareTiles = UpTo1

/// Splits each row evenly into tiles of `S`; rows are taken in pairs where tiles of `Pairs` are wide
/// enough.
private func convolveRows<P: Pixel, A: Access, S: TileSet, Pairs: TileSet>(
  _ geometry: DirectConvolution, _ call: ConvolutionCall, _: P.Type, _: A.Type, _: S.Type,
  _: Pairs.Type
) {
  let width = call.columns.upperBound - call.columns.lowerBound
  let tiles = (width + S.maximum - 1) / S.maximum
  let pairsFit = (width + tiles - 1) / tiles <= Pairs.maximum
  var y = call.rows.lowerBound
  while y < call.rows.upperBound {
    let pair = pairsFit && y + 1 < call.rows.upperBound
    var x = call.columns.lowerBound
    var tile = 0
    while tile < tiles {
      let end = call.columns.lowerBound + (tile + 1) * width / tiles
      let visitor = DirectTile<P, A>(geometry: geometry, call: call, y: y, x: x)
      if pair {
        Pairs.visit(columns: end - x, Pairing(visitor))
      } else {
        S.visit(columns: end - x, visitor)
      }
      x = end
      tile += 1
    }
    y += pair ? 2 : 1
  }
}

/// Prefetches the weights that are read some thousand cycles later.
///
/// A layer's weights come from the last-level cache or from memory; the processor's own prefetching
/// stops at every page.
@inline(__always)
private func prefetchWeights(_ weights: UnsafePointer<Float>, vectors: Int) {
  let ahead = 4 * 1024
  dla_prefetch(weights + ahead)
  if vectors * lanes > 16 { dla_prefetch(weights + ahead + 16) }
}

/// The tile at one place of a convolution.
private struct DirectTile<Unit: Pixel, A: Access>: TileVisitor {
  let geometry: DirectConvolution
  let call: ConvolutionCall
  let y: Int
  let x: Int

  @inline(__always) func visit<T: Tile>(_: T.Type) where T.Unit == Unit {
    convolve(geometry, call, T.self, A.self, y: y, x: x)
  }
}

/// One tile: all channel blocks, kernel rows and kernel elements, then shortcut, ReLU and store.
@inline(never)
func convolve<T: Tile, A: Access>(
  _ geometry: DirectConvolution, _ call: ConvolutionCall, _: T.Type, _: A.Type,
  y: Int, x: Int
) {
  let first = call.source + y * geometry.stride * geometry.sourceRow + x * A.pixelStep
  let outputRow = geometry.stride * geometry.sourceRow
  var weights = call.weights
  var tile = T(bias: call.bias)
  var channelBlock = 0
  while channelBlock < geometry.sourceChannelBlocks {
    var source = first + call.channelBlocks[channelBlock]
    var kernelRow = 0
    while kernelRow < geometry.kernelRows {
      var kernelElement = 0
      while kernelElement < geometry.kernelElements {
        tile.accumulate(source + kernelElement, row: outputRow, T.Unit.loadWeights(weights), A.self)
        prefetchWeights(weights, vectors: T.Unit.vectors)
        weights += T.Unit.vectors * lanes
        kernelElement += 1
      }
      source += geometry.sourceRow
      kernelRow += 1
    }
    channelBlock += 1
  }
  if let shortcut = call.shortcut {
    tile.add(
      shortcut + y * geometry.shortcutRow + x * A.outputStep, row: geometry.shortcutRow,
      pixel: A.outputStep, vector: call.shortcutVector)
  }
  tile.store(
    call.destination + y * geometry.destinationRow + x * A.outputStep,
    row: geometry.destinationRow, pixel: A.outputStep, vector: call.destinationVector,
    floor: splat(geometry.relu ? 0 : -.infinity))
}
