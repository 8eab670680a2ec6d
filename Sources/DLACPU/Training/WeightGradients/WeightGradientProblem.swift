import CDLAKernels
import DLAGraph
import DLATensor

/// The gradient of a convolution's weights: products of inputs and gradients, summed over all
/// pixels of all images.
struct WeightGradientProblem {
  let name: String
  let convolution: Convolution
  let input: TensorView
  let gradient: TensorView
  let kernels: KernelTable
  let costs: CostModel
  let workers: Int

  /// The number of units of work: some for each worker, so that none waits long for another.
  var wantedUnits: Int { 4 * workers }

  /// The convolution's outputs.
  var size: SpatialSize { gradient.geometry.size }
  /// True if the input has one channel a channel block.
  var isNCHW: Bool { input.geometry.pixel == 1 }
  /// Numbers of the gradient, [O, I / groups, side, side].
  var count: Int { convolution.weightShape.reduce(1, *) }
  /// Rows of outputs for which a row of the kernel lies inside the input.
  func pixels(ofRow kernelElement: Int) -> Range<Int> {
    convolution.outputs(
      readingInside: input.geometry.size.height, at: kernelElement, outputs: size.height)
  }
  /// Columns of outputs for which a column of the kernel does.
  func pixels(ofColumn kernelElement: Int) -> Range<Int> {
    convolution.outputs(
      readingInside: input.geometry.size.width, at: kernelElement, outputs: size.width)
  }

  /// Channel blocks of gradients that a kernel takes together: two where they are whole vectors.
  var channelBlocksTogether: Int {
    isWholeChannelBlock && convolution.groups == 1 ? min(2, gradient.channelBlocks.count) : 1
  }

  /// True if a vector holds all channels of a channel block.
  var isWholeChannelBlock: Bool { kernels.lanes == Layout.channelsPerBlock }

  private var outputs: [Range<Int>] {
    let count = gradient.channelBlocks.count
    return stride(from: 0, to: count, by: channelBlocksTogether).map {
      $0..<min($0 + channelBlocksTogether, count)
    }
  }

  /// Vectors of gradients of one kernel call, and from the first to the second where channel blocks
  /// lie `channelBlockStride` apart.
  func vectors(_ channelBlocks: Range<Int>, channelBlockStride: Int) -> (count: Int, step: Int) {
    isWholeChannelBlock
      ? (channelBlocks.count, channelBlockStride)
      : (Layout.channelsPerBlock / kernels.lanes, kernels.lanes)
  }

  /// The channel blocks of inputs that some channel blocks of outputs are computed from.
  func inputs(of channelBlocks: Range<Int>) -> [Int] {
    let groups = convolution.groups(
      ofOutputs: gradient.channelBlocks[channelBlocks.lowerBound].channels
        .lowerBound..<gradient.channelBlocks[channelBlocks.upperBound - 1].channels.upperBound)
    return input.channelBlocks.indices.filter {
      convolution.groups(ofInputs: input.channelBlocks[$0].channels).overlaps(groups)
    }
  }

  /// Blocks of outputs and inputs whose sums one unit of work holds.
  ///
  /// `largest` is in channel blocks and is halved until there are enough units.
  ///
  /// - Returns: the blocks; together they hold every weight once.
  func blocks(largest: (outputs: Int, inputs: Int)) -> [WeightGradientBlock] {
    let outputs = outputs
    guard convolution.groups == 1 else {
      return outputs.map { WeightGradientBlock(outputs: [$0], inputs: inputs(of: $0)) }
    }
    let perBlock = channelBlocksTogether
    var size = (outputs: max(1, largest.outputs / perBlock), inputs: largest.inputs)
    let channelBlocks = input.channelBlocks.count
    func count() -> Int {
      (outputs.count + size.outputs - 1) / size.outputs
        * ((channelBlocks + size.inputs - 1) / size.inputs)
    }
    while count() < wantedUnits, size.outputs > 1 || size.inputs > 1 {
      if size.outputs * perBlock >= size.inputs, size.outputs > 1 {
        size.outputs = (size.outputs + 1) / 2
      } else if size.inputs > 1 {
        size.inputs = (size.inputs + 1) / 2
      } else {
        size.outputs = (size.outputs + 1) / 2
      }
    }
    return stride(from: 0, to: outputs.count, by: size.outputs).flatMap { first in
      let part = Array(outputs[first..<min(first + size.outputs, outputs.count)])
      return stride(from: 0, to: channelBlocks, by: size.inputs).map {
        WeightGradientBlock(outputs: part, inputs: Array($0..<min($0 + size.inputs, channelBlocks)))
      }
    }
  }

  /// Brings sums of one channel block of inputs to their places among the weights.
  ///
  /// `sums` are, for each kernel element, `elementStep` apart, [channel blocks of
  /// outputs][columns][16]; columns are the input's channels, or the kernel elements of a row of an
  /// NCHW image, whose kernel elements are rows. `weights` is the gradient, [O, I / groups, side,
  /// side].
  func store(
    _ sums: UnsafePointer<Float>, elementStep: Int, outputs channelBlocks: Range<Int>,
    input channelBlock: Int,
    to weights: UnsafeMutablePointer<Float>
  ) {
    let area = convolution.kernelSize * convolution.kernelSize
    let channels = input.channelBlocks[channelBlock].channels
    let perGroup = convolution.inChannels / convolution.groups
    let outputsPerGroup = convolution.outChannels / convolution.groups
    let lanes = Layout.channelsPerBlock
    let columns = isNCHW ? convolution.kernelSize : lanes
    if area == 1, convolution.groups == 1 {
      for (index, output) in channelBlocks.enumerated() {
        kernels.transpose(
          TransposeCall(
            source: sums + index * columns * lanes, sourceRow: lanes, rows: channels.count,
            columns: gradient.channelBlocks[output].channels.count,
            destination: weights + gradient.channelBlocks[output].channels.lowerBound * perGroup
              + channels.lowerBound, destinationRow: perGroup))
      }
      return
    }
    for (index, output) in channelBlocks.enumerated() {
      for (lane, output) in gradient.channelBlocks[output].channels.enumerated() {
        let first = output / outputsPerGroup * perGroup
        let inputs = channels.clamped(to: first..<first + perGroup)
        guard !inputs.isEmpty else { continue }
        var to = weights + (output * perGroup + inputs.lowerBound - first) * area
        let from = sums + index * columns * lanes + lane
        if isNCHW {
          for row in 0..<columns {
            for column in 0..<columns {
              to[row * columns + column] = from[row * elementStep + column * lanes]
            }
          }
          continue
        }
        let place = inputs.lowerBound - channels.lowerBound
        for column in place..<place + inputs.count {
          for kernelElement in 0..<area {
            to[kernelElement] = from[kernelElement * elementStep + column * lanes]
          }
          to += area
        }
      }
    }
  }
}

/// Channel blocks of outputs, in the groups that kernels take together, and channel blocks of
/// inputs.
struct WeightGradientBlock {
  let outputs: [Range<Int>]
  let inputs: [Int]

  /// Pairs of what a kernel takes together.
  var pairs: Int { outputs.count * inputs.count }
}

extension Convolution {
  /// Outputs of a line whose kernel element lies inside the input.
  fileprivate func outputs(readingInside length: Int, at kernelElement: Int, outputs: Int) -> Range<
    Int
  > {
    let before = max(0, padding - kernelElement)
    let first = (before + stride - 1) / stride
    let last = length - 1 - kernelElement + padding
    let end = min(outputs, last < 0 ? 0 : last / stride + 1)
    return min(first, end)..<end
  }

  /// The groups that some output channels belong to.
  fileprivate func groups(ofOutputs channels: Range<Int>) -> ClosedRange<Int> {
    let width = outChannels / groups
    return channels.lowerBound / width...(channels.upperBound - 1) / width
  }

  /// The groups that some input channels belong to.
  fileprivate func groups(ofInputs channels: Range<Int>) -> ClosedRange<Int> {
    let width = inChannels / groups
    return channels.lowerBound / width...(channels.upperBound - 1) / width
  }
}

package enum WeightGradientAlgorithm: Sendable, Equatable {
  /// The predicted fastest for each layer.
  case fastest
  /// By the definition.
  case direct
  /// By Winograd's algorithm with these tiles, wherever they suit.
  case winograd(WinogradTile)
}

extension WeightGradientProblem {
  /// The tile of Winograd's algorithm; nil for the definition.
  func winogradTile(_ algorithm: WeightGradientAlgorithm) -> WinogradTile? {
    guard convolution.kernelSize == 3, !isNCHW, size.area > 1 || convolution.stride > 1 else {
      return nil
    }
    let candidates = WinogradTile.all.filter { $0.stride == convolution.stride }
    switch algorithm {
    case .direct: return nil
    case .winograd(let tile): return candidates.contains(tile) ? tile : nil
    case .fastest:
      let best = candidates.min { winogradCycles($0) < winogradCycles($1) }
      return best.flatMap { winogradCycles($0) < directCycles ? $0 : nil }
    }
  }

  /// Products of a block of sixteen by sixteen channels at one pixel or tile.
  private var blockCycles: Double {
    Double(Layout.channelsPerBlock) * costs.vectorsPerChannelBlock / costs.multiplyAdds
  }

  /// Pairs of channel blocks of outputs and inputs.
  private var channelBlockPairs: Int {
    convolution.groups == 1
      ? gradient.channelBlocks.count * input.channelBlocks.count
      : gradient.channelBlocks.indices.reduce(0) { $0 + inputs(of: $1..<$1 + 1).count }
  }

  private var directCycles: Double {
    var (rows, columns) = (0, 0)
    for kernelElement in 0..<convolution.kernelSize {
      rows += pixels(ofRow: kernelElement).count
      columns += pixels(ofColumn: kernelElement).count
    }
    let pixels = rows * columns * input.geometry.images
    return Double(channelBlockPairs * pixels) * blockCycles / Double(workers)
  }

  /// Transforms, writing and reading transformed tiles, their products, and the transform of the
  /// result.
  private func winogradCycles(_ tile: WinogradTile) -> Double {
    func points(_ length: Int) -> Int {
      let (whole, rest) = length.quotientAndRemainder(dividingBy: tile.outputs)
      return whole * tile.side + (rest > 0 ? tile.pointsOfSide(outputs: rest).count : 0)
    }
    let points = points(size.height) * points(size.width) * input.geometry.images
    let channelBlocks = Double((gradient.channelBlocks.count + input.channelBlocks.count) * points)
    let products = Double(channelBlockPairs * points) * blockCycles
    let transforms =
      channelBlocks * costs.vectorsPerChannelBlock * costs.inputTransform(tile)
      / Double(tile.points)
    let bytes = channelBlocks * Double(Layout.channelsPerBlock * MemoryLayout<Float>.size)
    let filters =
      Double(channelBlockPairs * Layout.channelsPerBlock) * costs.vectorsPerChannelBlock
      * Double(3 * tile.points + 9 * tile.side)
    return (products + transforms + costs.memory(bytes: Int(2 * bytes)) + filters)
      / Double(workers)
  }
}
