import CDLAKernels

/// How gradients of weights are computed.
package enum WeightGradientAlgorithm: Sendable, Equatable {
  /// What is expected to be the fastest for each layer.
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
    let candidates = WinogradTile.allCases.filter { $0.stride == convolution.stride }
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

  /// Transforms, writing and reading the points, their products, and filters from them.
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
