import DLAKernelTypes

extension ConvolutionAlgorithm {
  /// Winograd's filtering along the rows of planar images: the stem.
  static let winogradRows = ConvolutionAlgorithm(name: "winograd-rows") { problem in
    let convolution = problem.convolution
    guard problem.source.geometry.pixel == 1 else { return .declined("no planar image") }
    guard convolution.stride == 1, convolution.groups == 1 else {
      return .declined("stride or groups")
    }
    guard 5...2 * RowFilter.outputs ~= convolution.side else {
      return .declined("\(convolution.side)×\(convolution.side)")
    }
    guard problem.fused.shortcut == nil else { return .declined("adds a shortcut") }
    let size = problem.destination.geometry.size
    guard size.width % RowFilter.outputs == 0 else { return .declined("a width of \(size.width)") }
    return .accepted([
      Candidate(detail: "", cycles: problem.rowCycles) { RowStep(problem) }
    ])
  }
}

extension ConvolutionProblem {
  /// The products of both halves, and transforms of rows.
  fileprivate var rowCycles: Double {
    let costs = costs
    let size = destination.geometry.size
    let planes = Double(destination.planes.count)
    let tiles = size.width / RowFilter.outputs
    let wholePlane = kernels.lanes == Layout.channelsPerPlane
    let vectors = wholePlane ? min(2, destination.planes.count) : 2
    let taps = source.planes.count * convolution.side * 2
    let products =
      costs.row(pixels: tiles, vectors: vectors, taps: taps) * Double(RowFilter.points)
      * planes * costs.vectorsPerPlane / Double(vectors)
    let output = Double(tiles) * 20 * costs.vectorsPerPlane * planes
    let input = Double(source.planes.count * size.width) * 1.5
    let rows = Double(destination.geometry.images * size.height)
    return (products + output + input) * rows / Double(workers) + costs.barrier
  }
}

/// A convolution of planar images by transformed rows.
///
/// At each point, an output row is the sum over all channels and kernel rows of two products a tile,
/// one for each half of the taps.
struct RowStep: ConvolutionStep {
  let name: String
  var packedOffset = 0
  let packedFloats: Int
  let packing = "winograd-rows"

  private let side: Int
  private let kernels: KernelTable
  private let source: MapGeometry
  private let destination: MapGeometry
  private let relu: Bool
  private var firstTaps: [Int]
  private var destinationPlanes: [MapPlane]
  private var groups: [OutputGroup]
  private var border: BorderClearing

  /// Output rows whose inputs are transformed together.
  private static let stripRows = 28

  /// Tiles of a row.
  private let tiles: Int
  private let tilesOfPoint: [Range<Int>]
  /// Floats of a row of one point: a tile more than there are, for the second half, in whole vectors.
  private let row: Int
  /// Floats of one point.
  private let pointStep: Int
  /// Floats of the products of one row of a plane.
  private var productStep: Int { tiles * Layout.channelsPerPlane }

  var scratchFloats: Int {
    RowFilter.points * (pointStep + 2 * productStep) + RowFilter.outputs * (row + 16)
  }

  init(_ problem: ConvolutionProblem) {
    name = problem.name
    side = problem.convolution.side
    kernels = problem.kernels
    source = problem.source.geometry
    destination = problem.destination.geometry
    destinationPlanes = problem.destination.planes
    relu = problem.fused.relu
    border = BorderClearing(problem.destination)
    firstTaps = problem.source.planes.map { $0.offset + problem.firstTap }
    let tiles = destination.size.width / RowFilter.outputs
    row = (tiles + 1 + 15) / 16 * 16
    let inputs = problem.source.planes.count
    pointStep = (Self.stripRows + side - 1) * inputs * row
    self.tiles = tiles
    tilesOfPoint = Array(repeating: 0..<tiles, count: RowFilter.points)
    var packed = 0
    groups = problem.outputGroups(
      sources: problem.destination.planes.map { _ in 0..<inputs }
    ).map { group in
      var group = group
      group.biasOffset = packed
      packed += group.width
      group.weightsOffset = packed
      packed += RowFilter.points * inputs * problem.convolution.side * 2 * group.width
      return group
    }
    packedFloats = packed
  }

  mutating func move(to problem: ConvolutionProblem) {
    firstTaps = problem.source.planes.map { $0.offset + problem.firstTap }
    destinationPlanes = problem.destination.planes
    for index in groups.indices { groups[index].move(to: problem) }
    border = BorderClearing(problem.destination)
  }

  func pack(_ weights: FoldedWeights, into destination: UnsafeMutablePointer<Float>) {
    let inputs = firstTaps.count
    for group in groups {
      let width = group.width
      for (lane, channel) in group.channels(destinationPlanes).enumerated() {
        guard let channel else { continue }
        destination[group.biasOffset + lane] = weights.bias[channel]
        for line in 0..<side * inputs {
          let (kernelRow, input) = line.quotientAndRemainder(dividingBy: inputs)
          let from = ((channel * inputs + input) * side + kernelRow) * side
          let taps = (0..<2 * RowFilter.outputs).map { tap in
            tap < side ? Double(weights.weights[from + tap]) * weights.scale[channel] : 0
          }
          for half in 0..<2 {
            let part = taps[half * RowFilter.outputs..<(half + 1) * RowFilter.outputs]
            for (point, value) in Self.points(of: Array(part)).enumerated() {
              let to = ((point * inputs * side + line) * 2 + half) * width + lane
              destination[group.weightsOffset + to] = Float(value)
            }
          }
        }
      }
    }
  }

  /// The value of four taps at each point, over the product of its distances to the others.
  private static func points(of taps: [Double]) -> [Double] {
    let points = RowFilter.finitePoints
    return points.map { p in
      let scale = points.reduce(1) { $1 == p ? $0 : $0 * (p - $1) }
      return taps.reversed().reduce(0) { $0 * p + $1 } / scale
    } + [taps[taps.count - 1]]
  }

  func run(_ worker: Worker) {
    border.run(worker)
    let height = destination.size.height
    let strips = (height + Self.stripRows - 1) / Self.stripRows
    worker.forEach(of: destination.images * strips) { unit in
      let (image, strip) = unit.quotientAndRemainder(dividingBy: strips)
      let rows = height * strip / strips..<height * (strip + 1) / strips
      transform(rows, image: image, worker)
      for row in rows { multiply(row, of: rows, image: image, worker) }
    }
  }

  /// The points of all rows that some output rows read: [point][row][channel][tile], so that what one
  /// output row reads is consecutive lines.
  private func transform(_ rows: Range<Int>, image: Int, _ worker: Worker) {
    let scratch = worker.scratch + RowFilter.points * (pointStep + 2 * productStep)
    for (channel, firstTap) in firstTaps.enumerated() {
      for line in 0..<rows.count + side - 1 {
        kernels.rowFilterInput(
          RowInputCall(
            source: worker.arena + image * source.image + firstTap
              + (rows.lowerBound + line) * source.row,
            pixels: destination.size.width + side - 1,
            destination: worker.scratch + (line * firstTaps.count + channel) * row,
            pointStep: pointStep, paddedTiles: row, scratch: scratch))
      }
    }
  }

  /// One row of pixels.
  private func multiply(_ y: Int, of rows: Range<Int>, image: Int, _ worker: Worker) {
    let products = worker.scratch + RowFilter.points * pointStep
    let packed = worker.weights + packedOffset
    let isWholePlane = kernels.lanes == Layout.channelsPerPlane
    let planeStep = RowFilter.points * productStep
    for group in groups {
      tilesOfPoint.withUnsafeBufferPointer { tiles in
        kernels.winogradProducts(
          WinogradProductCall(
            lines: .pairs, count: side * firstTaps.count,
            source: worker.scratch + (y - rows.lowerBound) * firstTaps.count * row, lineStep: row,
            sourcePoint: pointStep, tiles: tiles, weights: packed + group.weightsOffset,
            destination: products, destinationPoint: productStep,
            destinationVector: isWholePlane ? planeStep : kernels.lanes, vectors: group.vectors))
      }
      for plane in 0..<group.planes.count {
        kernels.rowFilterOutput(
          RowOutputCall(
            source: products + plane * planeStep, pointStep: productStep, tiles: tiles,
            bias: packed + group.biasOffset + plane * Layout.channelsPerPlane,
            destination: worker.arena + group.destination + plane * group.destinationVector
              + image * destination.image + y * destination.row,
            relu: relu))
      }
    }
  }
}
