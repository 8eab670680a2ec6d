import CDLAKernels

/// Gradients of 3×3 weights by transposed Winograd minimal filtering: inputs transformed as in the
/// forward pass, gradients by the transpose of the output transform, products summed over all tiles,
/// and the transpose of the filter transform.
///
/// Takes as many products as the forward pass. Source: Lavin and Gray, arXiv:1509.09308, section
/// 4.2, has F(3×3, 2×2) for gradients; transposing F(4×4, 3×3) gives the same for tiles of 4×4.
///
/// Accuracy: within 1e-5 of the gradient's L2 norm, see `OperationGradientTests`.
struct WinogradWeightGradient: Sendable {
  let problem: WeightGradientProblem
  let tile: WinogradTile
  /// G, [side][3].
  private let rows: [Float]

  init(_ problem: WeightGradientProblem, _ tile: WinogradTile) {
    (self.problem, self.tile) = (problem, tile)
    rows = WinogradFilter(tile).rows.map(Float.init)
  }

  /// Channel blocks of inputs and of gradients.
  var channelBlocks: Int {
    problem.input.channelBlocks.count + problem.gradient.channelBlocks.count
  }

  /// From one point to the next: an odd number of cache lines, so that neighbouring points do not
  /// compete for places in the cache.
  static func pointStep(tiles: Int) -> Int { (tiles | 1) * Layout.channelsPerBlock }

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

  /// Transforms tiles of a channel block, of the inputs or behind them of the gradients.
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
  /// Channel blocks lie `channelBlockStride` apart, those of the inputs first; `points` is the
  /// first of these tiles.
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

/// The transformed tiles of a layer, in the arena behind the feature maps.
struct WinogradDomainTensors: Sendable {
  let layer: WinogradWeightGradient
  /// The offset in the arena: [channel block][point][tile][16], inputs first.
  private let offset: Int
  fileprivate let tiling: WinogradTiling
  fileprivate let pointStep: Int

  init(_ layer: WinogradWeightGradient, at offset: Int) {
    (self.layer, self.offset) = (layer, offset)
    tiling = layer.tiling()
    pointStep = WinogradWeightGradient.pointStep(tiles: tiling.places.count)
  }

  fileprivate var channelBlockStride: Int { layer.tile.points * pointStep }
  /// Points of inputs and gradients.
  var floats: Int { layer.channelBlocks * channelBlockStride }

  fileprivate func base(_ worker: Worker) -> UnsafeMutablePointer<Float> { worker.arena + offset }
}

/// Transforms inputs and gradients to the Winograd domain.
struct WinogradDomainTensorsStep: Step {
  let points: WinogradDomainTensors
  var name: String { points.layer.problem.name }

  /// Tiles of a unit of work.
  private static let tilesPerUnit = 64

  var scratchFloats: Int { points.layer.lineFloats }

  func run(_ worker: Worker) {
    let count = points.tiling.places.count
    let blocks = (count + Self.tilesPerUnit - 1) / Self.tilesPerUnit
    worker.parallelFor(of: points.layer.channelBlocks * blocks) { unit in
      let (channelBlock, block) = unit.quotientAndRemainder(dividingBy: blocks)
      let tiles = count * block / blocks..<count * (block + 1) / blocks
      points.tiling.withTiles(tiles, pointStep: points.pointStep, scratch: worker.scratch) { some in
        points.layer.transform(
          channelBlock, some,
          to: points.base(worker) + channelBlock * points.channelBlockStride
            + tiles.lowerBound * Layout.channelsPerBlock, worker)
      }
    }
  }
}

/// Products of inputs and gradients in the Winograd domain, and weights from them, one block of
/// weights after another.
struct WinogradWeightGradientStep: Step {
  var name: String { points.layer.problem.name }
  private let points: WinogradDomainTensors
  private let blocks: [WeightGradientBlock]
  private let target: ParameterBlock
  private let weights: Int

  /// Channel blocks of outputs and of inputs of a block; the sums at all points take
  /// 288 KiB, which a second-level cache of 1 MiB holds beside a chunk.
  private static let largestBlock = (outputs: 2, inputs: 4)
  /// Tiles whose gradients stay in the first-level cache while a block's inputs pass.
  private static let chunkTiles = 128

  init(_ points: WinogradDomainTensors, target: ParameterBlock) {
    let problem = points.layer.problem
    (self.points, self.target) = (points, target)
    weights = target.offset(of: "\(problem.name).weight")
    blocks = problem.blocks(largest: Self.largestBlock)
  }

  var scratchFloats: Int { blocks.map { points.layer.sumFloats($0) }.max() ?? 0 }

  func run(_ worker: Worker) {
    worker.parallelFor(of: blocks.count) { compute(blocks[$0], worker) }
  }

  private func compute(_ block: WeightGradientBlock, _ worker: Worker) {
    let layer = points.layer
    worker.scratch.update(repeating: 0, count: layer.sumFloats(block))
    for (point, tiles) in points.tiling.blocks[0].tilesOfPoint.enumerated() {
      for first in stride(from: tiles.lowerBound, to: tiles.upperBound, by: Self.chunkTiles) {
        layer.multiply(
          block, tiles: min(Self.chunkTiles, tiles.upperBound - first),
          points: points.base(worker) + point * points.pointStep + first * Layout.channelsPerBlock,
          channelBlockStride: points.channelBlockStride,
          sums: worker.scratch + point * layer.sumFloats)
      }
    }
    layer.finish(block, sums: worker.scratch, to: target.base + weights)
  }
}
