import CDLAKernels

/// The division of a Winograd step among workers.
enum WinogradSplit: String, Sendable {
  /// Each worker transforms its own tiles and reads all weights.
  case tiles
  /// Each worker transforms all tiles and computes some output channels, so that weights are read
  /// once; transforming twice is faster than fetching what another core has just written.
  case channels
}

extension ConvolutionProblem {
  /// The ways to cut the tiles of a feature map: blocks of several sizes, by tiles and by channels.
  func winogradCandidates(_ tile: WinogradTile) -> [Candidate] {
    let tiles = tileCount(tile)
    let parts = convolution.groups
    let share = parts % workers == 0 ? 1 : workers
    let byTiles = Set(
      [7, 14, 28, 42, 56].map { target in
        min(tiles, share * ((tiles + target * share - 1) / (target * share)))
      })
    let byChannels = Set([1, (tiles + 63) / 64])
    return byTiles.sorted().map { candidate(tile, .tiles, blocks: $0, tiles: tiles) }
      + byChannels.sorted().map { candidate(tile, .channels, blocks: $0, tiles: tiles) }
  }

  private func tileCount(_ tile: WinogradTile) -> Int {
    let size = destination.geometry.size
    let step = tile.outputs
    return destination.geometry.images * ((size.height + step - 1) / step)
      * ((size.width + step - 1) / step)
  }

  private func candidate(
    _ tile: WinogradTile, _ split: WinogradSplit, blocks: Int, tiles: Int
  ) -> Candidate {
    Candidate(
      detail: "\(blocks) × \((tiles + blocks - 1) / blocks) tiles, by \(split.rawValue)",
      cycles: cycles(tile, split, blocks: blocks, tiles: tiles)
    ) { WinogradStep(self, tile, split: split, blocks: blocks) }
  }

  /// Transforms, and products or reading their weights, whichever takes longer.
  private func cycles(
    _ tile: WinogradTile, _ split: WinogradSplit, blocks: Int, tiles: Int
  ) -> Double {
    let costs = costs
    let floatBytes = MemoryLayout<Float>.size
    let parts = convolution.groups
    let sources = source.channelBlocks.count / parts
    let outputs = max(1, destination.channelBlocks.count / parts)
    let wholeChannelBlock = kernels.lanes == Layout.channelsPerBlock
    let vectors = wholeChannelBlock ? min(2, outputs) : Layout.channelsPerBlock / kernels.lanes
    let groups = wholeChannelBlock ? (outputs + vectors - 1) / vectors : outputs
    let blockTiles = (tiles + blocks - 1) / blocks
    let channelBlockBytes = tile.points * blockTiles * Layout.channelsPerBlock * floatBytes
    let panel = sources * Layout.channelsPerBlock
    let weightBytes = tile.points * panel * vectors * kernels.lanes * floatBytes

    // Tiles at the edge of a feature map have fewer points.
    let size = destination.geometry.size
    func share(_ length: Int) -> Double {
      let (whole, rest) = length.quotientAndRemainder(dividingBy: tile.outputs)
      let points = whole * tile.side + (rest > 0 ? tile.pointsOfSide(outputs: rest).count : 0)
      return Double(points) / Double((whole + (rest > 0 ? 1 : 0)) * tile.side)
    }
    let fill = share(size.height) * share(size.width)

    let products =
      Double(tile.points) * costs.row(pixels: blockTiles, vectors: vectors, kernelElements: panel)
      * fill
    let isKept = weightBytes * groups * 2 < costs.cacheBytes
    let group = max(products, isKept ? 0 : costs.memory(bytes: weightBytes))
    let tileChannelBlock = costs.vectorsPerChannelBlock * Double(blockTiles) * fill
    let input = tileChannelBlock * costs.inputTransform(tile)
    let output = tileChannelBlock * costs.outputTransform(tile)
    // Points that do not fit into the cache come back from the next for every group.
    func spill(_ bytes: Int) -> Double {
      costs.memory(bytes: max(0, bytes - costs.cacheBytes * 3 / 4))
    }
    let featureMaps =
      costs.memory(bytes: (source.bytes + destination.bytes + (shortcut?.bytes ?? 0)) / workers) / 2
    func part(_ total: Int) -> Double { Double((total + workers - 1) / workers) }
    switch split {
    case .tiles:
      let unit =
        Double(sources) * input + Double(groups) * group + Double(outputs) * output
        + spill((sources + vectors) * channelBlockBytes) * Double(groups)
      return part(parts * blocks) * unit + featureMaps + costs.barrier
    case .channels:
      let block =
        max(Double(sources), part(source.channelBlocks.count)) * input + part(parts * groups)
        * group
        + part(parts * outputs) * output
        + spill((source.channelBlocks.count + vectors) * channelBlockBytes) * part(parts * groups)
      return Double(blocks) * block + featureMaps + costs.barrier
    }
  }
}
