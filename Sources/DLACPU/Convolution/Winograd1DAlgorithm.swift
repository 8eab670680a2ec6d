import CDLAKernels
import DLAGraph

extension ConvolutionAlgorithm {
  /// Winograd's filtering along the rows of NCHW images: the stem.
  static let winogradRows = ConvolutionAlgorithm(name: "winograd-rows") { problem in
    let convolution = problem.convolution
    guard problem.source.geometry.pixel == 1 else { return .declined("no nchw image") }
    guard convolution.stride == 1, convolution.groups == 1 else {
      return .declined("stride or groups")
    }
    guard 5...2 * Winograd1D.outputs ~= convolution.kernelSize else {
      return .declined("\(convolution.kernelSize)×\(convolution.kernelSize)")
    }
    guard problem.fused.shortcut == nil else { return .declined("adds a shortcut") }
    let size = problem.destination.geometry.size
    guard size.width % Winograd1D.outputs == 0 else { return .declined("a width of \(size.width)") }
    return .accepted([
      Candidate(detail: "", cycles: problem.rowCycles) { Winograd1DStep(problem) }
    ])
  }
}

extension ConvolutionProblem {
  /// The products of both halves, and transforms of rows.
  fileprivate var rowCycles: Double {
    let costs = costs
    let size = destination.geometry.size
    let channelBlocks = Double(destination.channelBlocks.count)
    let tiles = size.width / Winograd1D.outputs
    let wholeChannelBlock = kernels.lanes == Layout.channelsPerBlock
    let vectors = wholeChannelBlock ? min(2, destination.channelBlocks.count) : 2
    let kernelElements = source.channelBlocks.count * convolution.kernelSize * 2
    let products =
      costs.row(pixels: tiles, vectors: vectors, kernelElements: kernelElements)
      * Double(Winograd1D.points)
      * channelBlocks * costs.vectorsPerChannelBlock / Double(vectors)
    let output = Double(tiles) * 20 * costs.vectorsPerChannelBlock * channelBlocks
    let input = Double(source.channelBlocks.count * size.width) * 1.5
    let rows = Double(destination.geometry.images * size.height)
    return (products + output + input) * rows / Double(workers) + costs.barrier
  }
}

/// A convolution of NCHW images by transformed rows.
///
/// At each point, an output row is the sum over all channels and kernel rows of two products a
/// tile, one for each half of the kernel elements.
struct Winograd1DStep: ConvolutionStep {
  let name: String
  var packedOffset = 0
  let packedFloats: Int
  let packing = "winograd-rows"

  private let side: Int
  private let kernels: KernelTable
  private let source: FeatureMapGeometry
  private let destination: FeatureMapGeometry
  private let relu: Bool
  private var firstElements: [Int]
  private var destinationChannelBlocks: [ChannelBlock]
  private var groups: [OutputGroup]
  private var border: BorderClearing

  /// Output rows whose inputs are transformed together.
  private static let stripRows = 28

  /// Tiles of a row.
  private let tiles: Int
  private let tilesOfPoint: [IndexRange]
  /// Floats of a row of one point: a tile more than there are, for the second half, in whole
  /// vectors.
  private let row: Int
  /// Floats of one point.
  private let pointStep: Int
  /// Floats of the products of one row of a channel block.
  private var productStep: Int { tiles * Layout.channelsPerBlock }

  var scratchFloats: Int {
    Winograd1D.points * (pointStep + 2 * productStep) + Winograd1D.outputs * (row + 16)
  }

  init(_ problem: ConvolutionProblem) {
    name = problem.name
    side = problem.convolution.kernelSize
    kernels = problem.kernels
    source = problem.source.geometry
    destination = problem.destination.geometry
    destinationChannelBlocks = problem.destination.channelBlocks
    relu = problem.fused.relu
    border = BorderClearing(problem.destination)
    firstElements = problem.source.channelBlocks.map { $0.offset + problem.firstElement }
    let tiles = destination.size.width / Winograd1D.outputs
    row = (tiles + 1 + 15) / 16 * 16
    let inputs = problem.source.channelBlocks.count
    pointStep = (Self.stripRows + side - 1) * inputs * row
    self.tiles = tiles
    tilesOfPoint = Array(repeating: IndexRange(0..<tiles), count: Winograd1D.points)
    var packed = 0
    groups = problem.outputGroups(
      sources: problem.destination.channelBlocks.map { _ in 0..<inputs }
    ).map { group in
      var group = group
      group.biasOffset = packed
      packed += group.width
      group.weightsOffset = packed
      packed += Winograd1D.points * inputs * problem.convolution.kernelSize * 2 * group.width
      return group
    }
    packedFloats = packed
  }

  mutating func move(to problem: ConvolutionProblem) {
    firstElements = problem.source.channelBlocks.map { $0.offset + problem.firstElement }
    destinationChannelBlocks = problem.destination.channelBlocks
    for index in groups.indices { groups[index].move(to: problem) }
    border = BorderClearing(problem.destination)
  }

  func pack(_ weights: FoldedWeights, into destination: UnsafeMutablePointer<Float>) {
    let inputs = firstElements.count
    for group in groups {
      let width = group.width
      for (lane, channel) in group.channels(destinationChannelBlocks).enumerated() {
        guard let channel else { continue }
        destination[group.biasOffset + lane] = weights.bias[channel]
        for line in 0..<side * inputs {
          let (kernelRow, input) = line.quotientAndRemainder(dividingBy: inputs)
          let from = ((channel * inputs + input) * side + kernelRow) * side
          let kernelElements = (0..<2 * Winograd1D.outputs).map { kernelElement in
            kernelElement < side
              ? Double(weights.weights[from + kernelElement]) * weights.scale[channel] : 0
          }
          for half in 0..<2 {
            let part = kernelElements[half * Winograd1D.outputs..<(half + 1) * Winograd1D.outputs]
            for (point, value) in Self.points(of: Array(part)).enumerated() {
              let to = ((point * inputs * side + line) * 2 + half) * width + lane
              destination[group.weightsOffset + to] = Float(value)
            }
          }
        }
      }
    }
  }

  /// The value of four kernel elements at each point, over the product of its distances to the
  /// others.
  private static func points(of kernelElements: [Double]) -> [Double] {
    let points = Winograd1D.finitePoints
    return points.map { p in
      let scale = points.reduce(1) { $1 == p ? $0 : $0 * (p - $1) }
      return kernelElements.reversed().reduce(0) { $0 * p + $1 } / scale
    } + [kernelElements[kernelElements.count - 1]]
  }

  func run(_ worker: Worker) {
    border.run(worker)
    let height = destination.size.height
    let strips = (height + Self.stripRows - 1) / Self.stripRows
    worker.parallelFor(of: destination.images * strips) { unit in
      let (image, strip) = unit.quotientAndRemainder(dividingBy: strips)
      let rows = height * strip / strips..<height * (strip + 1) / strips
      transform(rows, image: image, worker)
      for row in rows { multiply(row, of: rows, image: image, worker) }
    }
  }

  /// The points of all rows that some output rows read: [point][row][channel][tile], so that what
  /// one output row reads is consecutive lines.
  private func transform(_ rows: Range<Int>, image: Int, _ worker: Worker) {
    let scratch = worker.scratch + Winograd1D.points * (pointStep + 2 * productStep)
    for (channel, firstElement) in firstElements.enumerated() {
      for line in 0..<rows.count + side - 1 {
        kernels.winograd1DInput(
          Winograd1DInputCall(
            source: worker.arena + image * source.image + firstElement
              + (rows.lowerBound + line) * source.row,
            pixels: destination.size.width + side - 1,
            destination: worker.scratch + (line * firstElements.count + channel) * row,
            pointStep: pointStep, paddedTiles: row, scratch: scratch))
      }
    }
  }

  /// One row of pixels.
  private func multiply(_ y: Int, of rows: Range<Int>, image: Int, _ worker: Worker) {
    let products = worker.scratch + Winograd1D.points * pointStep
    let packed = worker.weights + packedOffset
    let isWholeChannelBlock = kernels.lanes == Layout.channelsPerBlock
    let channelBlockStride = Winograd1D.points * productStep
    for group in groups {
      tilesOfPoint.withUnsafeBufferPointer { tiles in
        guard let points = tiles.baseAddress else { return }
        kernels.winogradProducts(
          WinogradProductCall(
            lines: .pairs, count: side * firstElements.count,
            source: worker.scratch + (y - rows.lowerBound) * firstElements.count * row,
            lineStep: row,
            sourcePoint: pointStep, tiles: points, points: tiles.count,
            weights: packed + group.weightsOffset,
            destination: products, destinationPoint: productStep,
            destinationVector: isWholeChannelBlock ? channelBlockStride : kernels.lanes,
            vectors: group.vectors))
      }
      for channelBlock in 0..<group.channelBlocks.count {
        kernels.winograd1DOutput(
          Winograd1DOutputCall(
            source: products + channelBlock * channelBlockStride, pointStep: productStep,
            tiles: tiles,
            bias: packed + group.biasOffset + channelBlock * Layout.channelsPerBlock,
            destination: worker.arena + group.destination + channelBlock * group.destinationVector
              + image * destination.image + y * destination.row,
            relu: relu))
      }
    }
  }
}
