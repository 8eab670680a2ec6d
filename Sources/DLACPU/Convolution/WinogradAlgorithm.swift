import CDLAKernels
import DLAGraph

extension ConvolutionAlgorithm {
  static let winograd = WinogradTile.all.map(winograd)

  /// Winograd's minimal filtering of whole channel blocks: dense, or with groups that fill channel
  /// blocks.
  private static func winograd(_ tile: WinogradTile) -> ConvolutionAlgorithm {
    ConvolutionAlgorithm(name: tile.name) { problem in
      let convolution = problem.convolution
      guard problem.source.geometry.pixel == Layout.channelsPerBlock else {
        return .declined("a nchw image")
      }
      guard convolution.kernelSize == 3 else {
        return .declined("\(convolution.kernelSize)×\(convolution.kernelSize)")
      }
      guard convolution.stride == tile.stride else {
        return .declined("stride \(convolution.stride)")
      }
      if let reason = problem.groupsOffChannelBlocks { return .declined(reason) }
      // With stride 2 the weights take nine times the room; where they are large, reading them
      // takes what the products save.
      let bytes = convolution.weightShape[..<2].reduce(tile.points * 4, *)
      guard tile.stride == 1 || bytes <= 8 << 20 else {
        return .declined("\(bytes >> 20) MiB of weights")
      }
      return .accepted(problem.winogradCandidates(tile))
    }
  }
}

/// A 3×3 convolution by transformed tiles.
///
/// Tiles are taken in blocks. A block's inputs are transformed for all source channel blocks of a
/// part, then each group of output channels is multiplied and transformed back while it is in the
/// cache.
struct WinogradStep: ConvolutionStep {
  let name: String
  var packedOffset = 0
  let packedFloats: Int
  var packing: String { tile.name }

  private let tiling: WinogradTiling
  private let split: WinogradSplit
  private let kernels: KernelTable
  private let source: FeatureMapGeometry
  private let destination: FeatureMapGeometry
  private let shortcutRow: Int
  private let relu: Bool
  private let firstElement: Int
  private var sourceChannelBlocks: [ChannelBlock]
  private var destinationChannelBlocks: [ChannelBlock]
  private var groups: [OutputGroup]
  /// Groups that read the same source channel blocks.
  private let parts: [Range<Int>]
  private var border: BorderClearing

  private var tile: WinogradTile { tiling.tile }

  init(_ problem: ConvolutionProblem, _ tile: WinogradTile, split: WinogradSplit, blocks: Int) {
    name = problem.name
    kernels = problem.kernels
    source = problem.source.geometry
    destination = problem.destination.geometry
    destinationChannelBlocks = problem.destination.channelBlocks
    shortcutRow = problem.shortcut?.geometry.row ?? 0
    relu = problem.fused.relu
    firstElement = problem.firstElement
    border = BorderClearing(problem.destination)
    sourceChannelBlocks = problem.source.channelBlocks
    self.split = split
    var packed = 0
    groups = problem.outputGroups(sources: problem.sourcesOfChannelBlocks).map { group in
      var group = group
      group.biasOffset = packed
      packed += group.width
      group.weightsOffset = packed
      packed +=
        tile.points * group.sourceCount * Layout.channelsPerBlock * group.width
      return group
    }
    packedFloats = packed
    parts = Self.parts(groups)
    tiling = WinogradTiling(
      tile, blocks: blocks, source: source, destination: destination,
      shortcut: problem.shortcut?.geometry)
  }

  /// Neighbouring groups that read the same source channel blocks.
  private static func parts(_ groups: [OutputGroup]) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    for (index, group) in groups.enumerated() {
      if let last = parts.last, groups[last.lowerBound].firstSource == group.firstSource {
        parts[parts.count - 1] = last.lowerBound..<index + 1
      } else {
        parts.append(index..<index + 1)
      }
    }
    return parts
  }

  var scratchFloats: Int {
    let channelBlock = tile.points * tiling.blockTiles * Layout.channelsPerBlock
    let channelBlocks = split == .tiles ? groups[0].sourceCount : sourceChannelBlocks.count
    return lineFloats + (channelBlocks + 2) * channelBlock
  }

  /// Room for the points of one tile of one vector.
  private var lineFloats: Int { tile.points * Layout.channelsPerBlock }

  mutating func move(to problem: ConvolutionProblem) {
    sourceChannelBlocks = problem.source.channelBlocks
    destinationChannelBlocks = problem.destination.channelBlocks
    for index in groups.indices { groups[index].move(to: problem) }
    border = BorderClearing(problem.destination)
  }

  func pack(_ weights: FoldedWeights, into destination: UnsafeMutablePointer<Float>) {
    let filter = WinogradFilter(tile)
    weights.weights.withUnsafeBufferPointer { values in
      for group in groups {
        let channels = group.channels(destinationChannelBlocks)
        for (lane, channel) in channels.enumerated() {
          destination[group.biasOffset + lane] = channel.map { weights.bias[$0] } ?? 0
        }
        let width = group.width
        for lane in stride(from: 0, to: width, by: WinogradFilter.Lanes.scalarCount) {
          let to = destination + group.weightsOffset + lane
          pack(
            Array(channels[lane..<lane + WinogradFilter.Lanes.scalarCount]), of: group,
            weights, values, filter, to: to)
        }
      }
    }
  }

  /// Packs the weights of eight output channels of a group.
  private func pack(
    _ channels: [Int?], of group: OutputGroup, _ weights: FoldedWeights,
    _ values: UnsafeBufferPointer<Float>, _ filter: WinogradFilter,
    to destination: UnsafeMutablePointer<Float>
  ) {
    guard let first = channels.compactMap({ $0 }).first else { return }
    let convolution = weights.convolution
    let inputsPerGroup = convolution.inChannels / convolution.groups
    let outputsPerGroup = convolution.outChannels / convolution.groups
    let inputs = first / outputsPerGroup * inputsPerGroup
    let width = group.width
    let pointStep = group.sourceCount * Layout.channelsPerBlock * width
    let filters = channels.enumerated().compactMap { lane, channel in
      channel.map { (lane, $0 * inputsPerGroup * 9, weights.scale[$0]) }
    }
    withUnsafeTemporaryAllocation(of: WinogradFilter.Lanes.self, capacity: 9) { kernelElements in
      kernelElements.initialize(repeating: .zero)
      for channelBlock in 0..<group.sourceCount {
        let sources = sourceChannelBlocks[group.firstSource + channelBlock].channels
        for (row, input) in sources.enumerated() {
          for (lane, offset, scale) in filters {
            let filter = offset + (input - inputs) * 9
            for kernelElement in 0..<9 {
              kernelElements[kernelElement][lane] = Double(values[filter + kernelElement]) * scale
            }
          }
          let to = destination + (channelBlock * Layout.channelsPerBlock + row) * width
          filter.transform(UnsafeBufferPointer(kernelElements)) { point, value in
            UnsafeMutableRawPointer(to + point * pointStep).storeBytes(
              of: value, as: SIMD8<Float>.self)
          }
        }
      }
    }
  }

  var packingUnits: Int { groups.count }

  func pack(_ weights: StridedWeights, unit: Int, into destination: UnsafeMutablePointer<Float>) {
    let lanes = kernels.lanes
    let floats = Layout.channelsPerBlock * 9 * lanes
    let channels = groups[unit].channels(destinationChannelBlocks)
    WinogradFilter(tile).rows.map(Float.init).withUnsafeBufferPointer { rows in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: floats) { kernelElements in
        guard let rows = rows.baseAddress, let kernelElements = kernelElements.baseAddress else {
          return
        }
        kernelElements.initialize(repeating: 0, count: floats)
        for (lane, channel) in channels.enumerated() {
          destination[groups[unit].biasOffset + lane] = channel.flatMap { weights.bias?[$0] } ?? 0
        }
        for lane in stride(from: 0, to: channels.count, by: lanes) {
          pack(
            channels[lane..<lane + lanes].compactMap(\.self), lane: lane, of: groups[unit], weights,
            rows: rows, kernelElements: kernelElements, into: destination)
        }
      }
    }
  }

  /// Packs the weights of a vector of output channels of a group; `kernelElements` has room for
  /// those of a channel block of inputs.
  private func pack(
    _ outputs: [Int], lane: Int, of group: OutputGroup, _ weights: StridedWeights,
    rows: UnsafePointer<Float>, kernelElements: UnsafeMutablePointer<Float>,
    into destination: UnsafeMutablePointer<Float>
  ) {
    guard let first = outputs.first else { return }
    let reads = weights.inputs(ofOutput: first)
    let lanes = kernels.lanes
    // The lanes of no channel would hold what was packed before.
    if outputs.count < lanes {
      kernelElements.update(repeating: 0, count: Layout.channelsPerBlock * 9 * lanes)
    }
    for channelBlock in 0..<group.sourceCount {
      let sources = sourceChannelBlocks[group.firstSource + channelBlock].channels
      let inputs = sources.clamped(to: reads)
      guard !inputs.isEmpty else { continue }
      weights.copy(
        outputs: first..<first + outputs.count, inputs: inputs, to: kernelElements,
        inputStep: 9 * lanes,
        kernels
      ) { (3 * $0 + $1) * lanes }
      let to =
        destination + group.weightsOffset
        + (channelBlock * Layout.channelsPerBlock + inputs.lowerBound - sources.lowerBound)
        * group.width
        + lane
      for input in 0..<inputs.count {
        kernels.winogradWeights(
          WinogradWeightsCall(
            kernelElements: UnsafePointer(kernelElements) + input * 9 * lanes, rows: rows,
            side: tile.side,
            destination: to + input * group.width,
            pointStep: group.sourceCount * Layout.channelsPerBlock * group.width))
      }
    }
  }

  func run(_ worker: Worker) {
    border.run(worker)
    switch split {
    case .tiles:
      worker.parallelFor(of: parts.count * tiling.blocks.count) { unit in
        let (part, block) = unit.quotientAndRemainder(dividingBy: tiling.blocks.count)
        compute(parts[part], tiling.blocks[block], worker)
      }
    case .channels:
      for block in tiling.blocks { compute(worker.share(of: groups.count), block, worker) }
    }
  }

  /// Some groups of output channels of one block.
  private func compute(_ range: Range<Int>, _ block: WinogradTiling.Block, _ worker: Worker) {
    guard let first = range.first, let last = range.last else { return }
    let channelBlocks =
      groups[first].firstSource..<groups[last].firstSource + groups[last].sourceCount
    let channelBlockStride = tile.points * block.tiles.count * Layout.channelsPerBlock
    let inputs = worker.scratch
    let products = inputs + channelBlocks.count * channelBlockStride
    transform(channelBlocks: channelBlocks, of: block, to: inputs, worker, line: products)
    for group in groups[range] {
      multiply(
        group, block,
        from: inputs + (group.firstSource - channelBlocks.lowerBound) * channelBlockStride, worker,
        products: products)
    }
  }

  /// Transforms some source channel blocks of a block, [channel block][point][tile][16].
  private func transform(
    channelBlocks: Range<Int>, of block: WinogradTiling.Block,
    to inputs: UnsafeMutablePointer<Float>,
    _ worker: Worker, line: UnsafeMutablePointer<Float>
  ) {
    let pointStep = block.tiles.count * Layout.channelsPerBlock
    tiling.withTiles(block.tiles, pointStep: pointStep, scratch: line) { tiles in
      for (index, channelBlock) in channelBlocks.enumerated() {
        kernels.winogradInput(
          WinogradInputCall(
            tiles: tiles,
            source: worker.arena + sourceChannelBlocks[channelBlock].offset + firstElement,
            sourceRow: source.row, destination: inputs + index * tile.points * pointStep))
      }
    }
  }

  /// Multiplies a block by the weights of a group and transforms the result into pixels.
  private func multiply(
    _ group: OutputGroup, _ block: WinogradTiling.Block, from inputs: UnsafeMutablePointer<Float>,
    _ worker: Worker, products scratch: UnsafeMutablePointer<Float>
  ) {
    let line = scratch
    let products = scratch + lineFloats
    let packed = worker.weights + packedOffset
    let pointStep = block.tiles.count * Layout.channelsPerBlock
    let channelBlockStride = tile.points * pointStep
    let isWholeChannelBlock = kernels.lanes == Layout.channelsPerBlock
    block.tilesOfPoint.withUnsafeBufferPointer { tiles in
      guard let points = tiles.baseAddress else { return }
      kernels.winogradProducts(
        WinogradProductCall(
          lines: .channelBlocks, count: group.sourceCount, source: inputs,
          lineStep: channelBlockStride,
          sourcePoint: pointStep, tiles: points, points: tiles.count,
          weights: packed + group.weightsOffset,
          destination: products, destinationPoint: pointStep,
          destinationVector: isWholeChannelBlock ? channelBlockStride : kernels.lanes,
          vectors: group.vectors))
    }
    tiling.withTiles(block.tiles, pointStep: pointStep, scratch: line) { tiles in
      for channelBlock in 0..<group.channelBlocks.count {
        kernels.winogradOutput(
          WinogradOutputCall(
            tiles: tiles, source: products + channelBlock * channelBlockStride,
            bias: packed + group.biasOffset + channelBlock * Layout.channelsPerBlock,
            destination: worker.arena + group.destination + channelBlock * group.destinationVector,
            destinationRow: destination.row,
            shortcut: group.shortcut.map {
              UnsafePointer(worker.arena + $0 + channelBlock * group.shortcutVector)
            },
            shortcutRow: shortcutRow, relu: relu))
      }
    }
  }

}
