import CDLAKernels

/// Gradients of 3×3 weights by Winograd's minimal filtering, transposed: inputs at the points as in the
/// forward pass, gradients at the points by the transpose of what makes pixels of them, their products
/// summed over all tiles, and the transpose of what brings filters to the points.
///
/// Takes as many products as the forward pass. Source: Lavin and Gray, arXiv:1509.09308, section 4.2,
/// has F(3×3, 2×2) for gradients; transposing F(4×4, 3×3) gives the same for tiles of 4×4.
///
/// Accuracy: within 1e-5 of the gradient's batch norm, see `OperationGradientTests`.
struct WinogradWeightGradient: Sendable {
  let problem: WeightGradientProblem
  let tile: WinogradTile
  /// G, [side][3].
  private let rows: [Float]

  init(_ problem: WeightGradientProblem, _ tile: WinogradTile) {
    self.problem = problem
    self.tile = tile
    rows = WinogradFilter(tile).rows.map(Float.init)
  }

  /// Channel blocks of inputs and of gradients.
  var channelBlocks: Int {
    problem.input.channelBlocks.count + problem.gradient.channelBlocks.count
  }

  /// From one point to the next: an odd number of cache lines, so that neighbouring points do not
  /// compete for places in the cache.
  static func pointStep(tiles: Int) -> Int { (tiles | 1) * Layout.channelsPerBlock }

  /// All tiles.
  func tiling() -> WinogradTiling {
    WinogradTiling(
      tile, blocks: 1, source: problem.input.geometry, destination: problem.gradient.geometry,
      shortcut: nil)
  }

  /// Sums of one point of a pair of channel blocks.
  var sumFloats: Int {
    problem.channelBlocksTogether * Layout.channelsPerBlock * Layout.channelsPerBlock
  }

  /// Sums of a block at all points, and room for the kernel elements of a pair.
  func sumFloats(_ block: WeightGradientBlock) -> Int {
    (block.pairs * tile.points + 9) * sumFloats
  }

  /// Room for the points of one tile.
  var lineFloats: Int { tile.points * Layout.channelsPerBlock }

  /// Brings tiles of a channel block, one of the inputs' or behind them one of the gradients', to the points.
  ///
  /// `destination` is the first tile's point 0.
  func transform(
    _ channelBlock: Int, _ tiles: WinogradTiles, to destination: UnsafeMutablePointer<Float>,
    _ worker: Worker
  ) {
    let (input, gradient) = (problem.input, problem.gradient)
    guard channelBlock >= input.channelBlocks.count else {
      let firstElement =
        (input.geometry.border - problem.convolution.padding)
        * (input.geometry.row + input.geometry.pixel)
      problem.kernels.winogradInput(
        WinogradInputCall(
          tiles: tiles,
          source: worker.arena + input.channelBlocks[channelBlock].offset + firstElement,
          sourceRow: input.geometry.row, destination: destination))
      return
    }
    problem.kernels.winogradGradient(
      WinogradGradientCall(
        tiles: tiles,
        source: gradient.rows(
          channelBlock: channelBlock - input.channelBlocks.count, image: 0, worker.arena
        ).source, destination: destination))
  }

  /// Adds the products of some tiles at one point to the sums of a block.
  ///
  /// Channel blocks lie `channelBlockStride` apart, those of the inputs first; `points` is the first of these tiles.
  func multiply(
    _ block: WeightGradientBlock, tiles: Int, points: UnsafePointer<Float>, channelBlockStride: Int,
    sums: UnsafeMutablePointer<Float>
  ) {
    var sums = sums
    for outputs in block.outputs {
      let gradient =
        points + (problem.input.channelBlocks.count + outputs.lowerBound) * channelBlockStride
      let vectors = problem.vectors(outputs, channelBlockStride: channelBlockStride)
      for input in block.inputs {
        problem.kernels.weightGradient(
          WeightGradientCall(
            pixels: WeightGradientPixels(
              input: SourceRows(base: points + input * channelBlockStride, row: 0),
              gradient: SourceRows(base: gradient, row: 0), rows: 1, width: tiles, images: 1,
              inputImage: 0, gradientImage: 0), gradientVector: vectors.step,
            columns: Layout.channelsPerBlock, vectors: vectors.count, sums: sums))
        sums += tile.points * sumFloats
      }
    }
  }

  /// Weights from the sums of a block; behind them is room for the kernel elements of a pair.
  func finish(
    _ block: WeightGradientBlock, sums: UnsafeMutablePointer<Float>,
    to weights: UnsafeMutablePointer<Float>
  ) {
    let step = tile.points * sumFloats
    let kernelElements = sums + block.pairs * step
    var sums = UnsafePointer(sums)
    rows.withUnsafeBufferPointer { rows in
      guard let rows = rows.baseAddress else { return }
      for outputs in block.outputs {
        for input in block.inputs {
          problem.kernels.winogradWeightGradient(
            WinogradWeightGradientCall(
              source: sums, pointStep: sumFloats, rows: rows, side: tile.side, count: sumFloats,
              destination: kernelElements, elementStep: sumFloats))
          problem.store(
            UnsafePointer(kernelElements), elementStep: sumFloats, outputs: outputs, input: input,
            to: weights)
          sums += step
        }
      }
    }
  }
}
