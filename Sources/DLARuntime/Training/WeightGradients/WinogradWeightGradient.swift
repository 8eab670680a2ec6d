import DLACore
import DLAKernelTypes

/// Gradients of 3×3 weights by Winograd's minimal filtering, transposed: inputs at the points as in the
/// forward pass, gradients at the points by the transpose of what makes pixels of them, their products
/// summed over all tiles, and the transpose of what brings filters to the points.
///
/// Takes as many products as the forward pass. Source: Lavin and Gray, arXiv:1509.09308, section 4.2,
/// has F(3×3, 2×2) for gradients; transposing F(4×4, 3×3) gives the same for tiles of 4×4.
struct WinogradWeightGradient: Sendable {
  let problem: WeightGradientProblem
  let tile: WinogradTile
  /// Where the points lie in the arena: [plane][point][tile][16], inputs first.
  let offset: Int
  private let places: [WinogradTilePlace]
  fileprivate let tilesOfPoint: [Range<Int>]
  fileprivate let pointStep: Int

  init(_ problem: WeightGradientProblem, _ tile: WinogradTile, pointsAt offset: Int) {
    self.problem = problem
    self.tile = tile
    self.offset = offset
    let tiling = WinogradTiling(
      tile, blocks: 1, size: problem.size, source: problem.input.geometry,
      destination: problem.gradient.geometry, spacing: problem.spacing, shortcut: nil)
    places = tiling.places
    tilesOfPoint = tiling.blocks[0].tilesOfPoint
    pointStep = Self.pointStep(tiles: places.count)
  }

  /// An odd number of cache lines, so that neighbouring points do not compete for places in the cache.
  private static func pointStep(tiles: Int) -> Int { (tiles | 1) * Layout.channelsPerPlane }

  fileprivate var planeStep: Int { tile.points * pointStep }
  fileprivate var tileCount: Int { places.count }
  /// Points of inputs and gradients.
  var pointFloats: Int {
    (problem.input.planes.count + problem.gradient.planes.count) * planeStep
  }

  fileprivate func withPlaces(
    _ tiles: Range<Int>, _ body: (UnsafeBufferPointer<WinogradTilePlace>) -> Void
  ) {
    places.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[tiles])) }
  }

  /// The points of a plane: of the inputs', then of the gradients'.
  fileprivate func points(_ plane: Int, _ worker: Worker) -> UnsafeMutablePointer<Float> {
    worker.arena + offset + plane * planeStep
  }
}

/// Brings inputs and gradients to the points.
struct WinogradPointsStep: Step {
  let layer: WinogradWeightGradient
  var name: String { layer.problem.name }

  /// Tiles of a unit of work.
  private static let tilesPerUnit = 64

  var scratchFloats: Int { layer.tile.points * Layout.channelsPerPlane }

  func run(_ worker: Worker) {
    let planes = layer.problem.input.planes.count + layer.problem.gradient.planes.count
    let blocks = (layer.tileCount + Self.tilesPerUnit - 1) / Self.tilesPerUnit
    worker.forEach(of: planes * blocks) { unit in
      let (plane, block) = unit.quotientAndRemainder(dividingBy: blocks)
      transform(
        plane, layer.tileCount * block / blocks..<layer.tileCount * (block + 1) / blocks, worker)
    }
  }

  private func transform(_ plane: Int, _ tiles: Range<Int>, _ worker: Worker) {
    let problem = layer.problem
    let (input, gradient) = (problem.input, problem.gradient)
    let to = layer.points(plane, worker) + tiles.lowerBound * Layout.channelsPerPlane
    layer.withPlaces(tiles) { places in
      guard plane >= input.planes.count else {
        let padding = problem.convolution.padding
        let firstTap =
          (input.geometry.border - padding) * (input.geometry.row + input.geometry.pixel)
        problem.kernels.winogradInput(
          layer.tile, places,
          WinogradInputCall(
            source: worker.arena + input.planes[plane].offset + firstTap,
            sourceRow: input.geometry.row, destination: to, pointStep: layer.pointStep,
            scratch: worker.scratch))
        return
      }
      problem.kernels.training.winogradGradient(
        layer.tile, places,
        WinogradGradientCall(
          source: gradient.rows(
            plane: plane - input.planes.count, image: 0, worker.arena, spacing: problem.spacing
          ).source, destination: to, pointStep: layer.pointStep, scratch: worker.scratch))
    }
  }
}

/// Products of inputs and gradients at the points, and weights from them.
struct WinogradWeightGradientStep: Step {
  var name: String { layer.problem.name }
  private let layer: WinogradWeightGradient
  private let blocks: [WeightGradientBlock]
  private let rows: [Float]
  private let target: ParameterBlock
  private let weights: Int

  /// Planes of outputs and of inputs of a block; the sums at all points fit the second-level cache.
  private static let largestBlock = (outputs: 2, inputs: 4)
  /// Tiles whose gradients stay in the first-level cache while a block's inputs pass.
  private static let chunkTiles = 128

  init(_ layer: WinogradWeightGradient, target: ParameterBlock) {
    self.layer = layer
    self.target = target
    weights = target.offset(of: "\(layer.problem.name).weight")
    rows = WinogradFilter(layer.tile).rows.map(Float.init)
    blocks = layer.problem.blocks(
      largest: Self.largestBlock,
      units: DirectWeightGradientStep.unitsPerWorker * layer.problem.workers)
  }

  /// Sums of one point of a pair of planes.
  private var sumFloats: Int {
    layer.problem.planesTogether * Layout.channelsPerPlane * Layout.channelsPerPlane
  }

  var scratchFloats: Int {
    ((blocks.map(\.pairs).max() ?? 0) * layer.tile.points + 9) * sumFloats
  }

  func run(_ worker: Worker) {
    worker.forEach(of: blocks.count) { compute(blocks[$0], worker) }
  }

  private func compute(_ block: WeightGradientBlock, _ worker: Worker) {
    let points = layer.tile.points
    let step = points * sumFloats
    worker.scratch.update(repeating: 0, count: block.pairs * step)
    for point in 0..<points {
      let tiles = layer.tilesOfPoint[point]
      for first in stride(from: tiles.lowerBound, to: tiles.upperBound, by: Self.chunkTiles) {
        let chunk = first..<min(first + Self.chunkTiles, tiles.upperBound)
        var sums = worker.scratch + point * sumFloats
        for outputs in block.outputs {
          for input in block.inputs {
            correlate(point, chunk, outputs, input, sums: sums, worker)
            sums += step
          }
        }
      }
    }
    finish(block, worker)
  }

  private func correlate(
    _ point: Int, _ tiles: Range<Int>, _ outputs: Range<Int>, _ input: Int,
    sums: UnsafeMutablePointer<Float>, _ worker: Worker
  ) {
    let problem = layer.problem
    let place = point * layer.pointStep + tiles.lowerBound * Layout.channelsPerPlane
    func rows(_ plane: Int) -> SourceRows {
      SourceRows(base: UnsafePointer(layer.points(plane, worker) + place), row: 0)
    }
    let isWholePlane = problem.kernels.lanes == Layout.channelsPerPlane
    problem.kernels.training.correlate(
      CorrelationCall(
        input: rows(input), gradient: rows(problem.input.planes.count + outputs.lowerBound),
        gradientVector: isWholePlane ? layer.planeStep : problem.kernels.lanes,
        columns: Layout.channelsPerPlane, vectors: problem.vectors(outputs).count, rows: 1,
        width: tiles.count, images: 1, inputImage: 0, gradientImage: 0, sums: sums))
  }

  /// Weights from the sums at the points.
  private func finish(_ block: WeightGradientBlock, _ worker: Worker) {
    let step = layer.tile.points * sumFloats
    let taps = worker.scratch + block.pairs * step
    var sums = UnsafePointer(worker.scratch)
    rows.withUnsafeBufferPointer { rows in
      guard let rows = rows.baseAddress else { return }
      for outputs in block.outputs {
        for input in block.inputs {
          layer.problem.kernels.training.winogradWeightGradient(
            WinogradWeightGradientCall(
              source: sums, pointStep: sumFloats, rows: rows, side: layer.tile.side,
              count: sumFloats, destination: taps, tapStep: sumFloats))
          layer.problem.store(
            UnsafePointer(taps), tapStep: sumFloats, outputs: outputs, input: input,
            to: target.base + weights)
          sums += step
        }
      }
    }
  }
}
