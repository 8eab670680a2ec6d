import DLABackend

/// The tile of pixels × output channels that a block of threads computes, as in `Convolution.cu`.
struct ConvolutionTile: Equatable {
  let pixels: Int
  let channels: Int
  /// 32 threads each.
  let warps: Int

  /// `CONVOLUTION_TILES` of `Convolution.cu`.
  static let all = [
    ConvolutionTile(pixels: 128, channels: 128, warps: 8),
    ConvolutionTile(pixels: 128, channels: 64, warps: 4),
    ConvolutionTile(pixels: 64, channels: 128, warps: 4),
    ConvolutionTile(pixels: 64, channels: 64, warps: 4),
    ConvolutionTile(pixels: 128, channels: 32, warps: 4),
    ConvolutionTile(pixels: 64, channels: 32, warps: 2),
    ConvolutionTile(pixels: 32, channels: 64, warps: 2),
    ConvolutionTile(pixels: 128, channels: 16, warps: 4),
  ]

  var name: String { "\(pixels)x\(channels)" }
  var kernelName: String { "convolve_\(name)" }
  var threads: Int { 32 * warps }
  var sharedBytes: Int { Self.stages * (pixels + channels) * Self.rowBytes }
  /// `stages` and `rowWords` of `Convolution.cu`.
  private static let stages = 3
  private static let rowBytes = 36 * 4
  /// Bytes of the workspace that a part of a split-K sum takes.
  var workspaceBytes: Int { pixels * channels * 4 }
}

/// The numbers that determine the time of a matrix product on one device.
struct ProductShape {
  let pixels: Int
  let channels: Int
  /// Rows of 128 bytes that each of them reads.
  let blocks: Int
  let precision: Precision

  func tiles(_ tile: ConvolutionTile) -> Int {
    channelTiles(tile) * ((pixels + tile.pixels - 1) / tile.pixels)
  }

  func channelTiles(_ tile: ConvolutionTile) -> Int {
    (channels + tile.channels - 1) / tile.channels
  }
}

/// The computation of a convolution.
struct ConvolutionChoice: Equatable, TuningCandidate {
  let arithmetic: Arithmetic
  let tile: ConvolutionTile
  /// The number of parts of the sum that different blocks of threads compute.
  let splitK: Int

  var algorithm: String { arithmetic.rawValue }
  /// The tile and the split-K, for instance `128x64/4`.
  var detail: String { "\(tile.name)/\(splitK)" }
  /// For instance `3xTF32 128x64/4`.
  var name: String { "\(algorithm) \(detail)" }
}

extension ConvolutionChoice {
  /// The limit of the split-K workspace of all tiles.
  private static let maxWorkspaceBytes = 64 << 20
  /// The limit of tiles of a product that uses split-K; larger ones have enough work without.
  static let maxSplitTiles = 4096
  private static let splits = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32]

  static func all(_ arithmetics: [Arithmetic], on device: CUDADevice) -> [ConvolutionChoice] {
    arithmetics.flatMap { arithmetic in
      ConvolutionTile.all.filter { $0.sharedBytes <= device.properties.sharedBytes }
        .flatMap { tile in
          splits.map { ConvolutionChoice(arithmetic: arithmetic, tile: tile, splitK: $0) }
        }
    }
  }

  /// All candidates that suit a product, the best prediction first.
  static func candidates(
    _ shape: ProductShape, arithmetics: [Arithmetic], on device: CUDADevice
  ) -> [ConvolutionChoice] {
    all(arithmetics, on: device).filter { choice in
      let tiles = shape.tiles(choice.tile)
      return choice.splitK == 1
        || choice.splitK <= shape.blocks && tiles <= maxSplitTiles
          && tiles * choice.splitK * choice.tile.workspaceBytes <= maxWorkspaceBytes
    }.map { ($0.predictedCycles(shape, on: device), $0) }
      .enumerated()
      .sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }.map(\.element.1)
  }

  /// The predicted time of a product, in cycles of the device: waves of blocks, each as long as its
  /// multiply-adds or its loads, and the reduction of split-K parts.
  private func predictedCycles(_ shape: ProductShape, on device: CUDADevice) -> Double {
    let numbersPerBlock = Double(SourceList.bytesPerBlock / shape.precision.storedBytes)
    let blocks = (Double(shape.blocks) / Double(splitK)).rounded(.up)
    let products = Double(tile.pixels * tile.channels) * numbersPerBlock
    let resident = max(1, min(device.properties.sharedBytes / tile.sharedBytes, 512 / tile.threads))
    let count = shape.tiles(tile) * splitK
    let waves = (Double(count) / Double(device.properties.multiprocessors * resident)).rounded(.up)
    // Blocks that are on a multiprocessor together share its units, but hide each other's waits.
    let together = min(
      Double(resident), (Double(count) / Double(device.properties.multiprocessors)).rounded(.up))
    let perBlock = max(products * together / arithmetic.rate, Self.waitingCycles)
    let adding =
      splitK == 1 ? 0 : Self.addingCycles + Double(splitK * tile.workspaceBytes) / Self.addingBytes
    return waves * (Self.startingCycles + blocks * perBlock + adding)
  }

  /// Estimates that only rank candidates until they are timed: the least latency of a step of a
  /// block, the cost of starting a block, and of reducing split-K parts.
  private static let waitingCycles = 250.0
  private static let startingCycles = 1500.0
  private static let addingCycles = 1500.0
  private static let addingBytes = 64.0
}
