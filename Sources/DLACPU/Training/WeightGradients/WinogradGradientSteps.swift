import CDLAKernels

/// The points of all tiles of a layer, in the arena behind the feature maps.
struct WinogradDomainTensors: Sendable {
  let layer: WinogradWeightGradient
  /// Where they lie: [channel block][point][tile][16], inputs first.
  private let offset: Int
  fileprivate let tiling: WinogradTiling
  fileprivate let pointStep: Int

  init(_ layer: WinogradWeightGradient, at offset: Int) {
    self.layer = layer
    self.offset = offset
    tiling = layer.tiling()
    pointStep = WinogradWeightGradient.pointStep(tiles: tiling.places.count)
  }

  fileprivate var channelBlockStride: Int { layer.tile.points * pointStep }
  /// Points of inputs and gradients.
  var floats: Int { layer.channelBlocks * channelBlockStride }

  fileprivate func base(_ worker: Worker) -> UnsafeMutablePointer<Float> { worker.arena + offset }
}

/// Brings inputs and gradients to the points.
struct WinogradDomainTensorsStep: Step {
  let points: WinogradDomainTensors
  var name: String { points.layer.problem.name }

  /// Tiles of a unit of work.
  private static let tilesPerUnit = 64

  var scratchFloats: Int { points.layer.lineFloats }

  func run(_ worker: Worker) {
    let count = points.tiling.places.count
    let blocks = (count + Self.tilesPerUnit - 1) / Self.tilesPerUnit
    worker.forEach(of: points.layer.channelBlocks * blocks) { unit in
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

/// Products of inputs and gradients at the points, and weights from them, a block of weights after
/// another.
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
    self.points = points
    self.target = target
    weights = target.offset(of: "\(problem.name).weight")
    blocks = problem.blocks(largest: Self.largestBlock)
  }

  var scratchFloats: Int { blocks.map { points.layer.sumFloats($0) }.max() ?? 0 }

  func run(_ worker: Worker) {
    worker.forEach(of: blocks.count) { compute(blocks[$0], worker) }
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
