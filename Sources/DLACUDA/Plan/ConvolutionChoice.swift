/// The tile of pixels × output channels that a block of threads computes, as `Convolution.cu` has them.
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
  /// Bytes of what a slice leaves for the last to add up.
  var partialBytes: Int { pixels * channels * 4 }
}

/// What the time of a matrix product follows from on one device.
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

/// How a convolution is computed.
struct ConvolutionChoice: Equatable {
  let arithmetic: Arithmetic
  let tile: ConvolutionTile
  /// Parts of the sum that different blocks of threads compute.
  let slices: Int

  /// For people and for the files of timings, for instance `split 128x64/4`.
  var name: String { "\(arithmetic.rawValue) \(tile.name)/\(slices)" }
}

extension ConvolutionChoice {
  /// The most that slices of all tiles may leave in memory.
  private static let maxPartialBytes = 64 << 20
  /// Tiles of a product that may be cut into slices; others have enough work as they are.
  static let maxSlicedTiles = 4096
  private static let slices = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32]

  /// All ways to compute a product on a device.
  static func all(_ arithmetics: [Arithmetic], on device: CUDADevice) -> [ConvolutionChoice] {
    arithmetics.flatMap { arithmetic in
      ConvolutionTile.all.filter { $0.sharedBytes <= device.properties.sharedBytes }
        .flatMap { tile in
          slices.map { ConvolutionChoice(arithmetic: arithmetic, tile: tile, slices: $0) }
        }
    }
  }

  /// All ways that suit a product, the likeliest to be fast first.
  static func candidates(
    _ shape: ProductShape, arithmetics: [Arithmetic], on device: CUDADevice
  ) -> [ConvolutionChoice] {
    all(arithmetics, on: device).filter { choice in
      let tiles = shape.tiles(choice.tile)
      return choice.slices == 1
        || choice.slices <= shape.blocks && tiles <= maxSlicedTiles
          && tiles * choice.slices * choice.tile.partialBytes <= maxPartialBytes
    }.map { ($0.predictedCycles(shape, on: device), $0) }
      .enumerated()
      .sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }.map(\.element.1)
  }

  /// What a product is expected to take, in cycles of the device: waves of blocks, each as long as its
  /// multiply-adds or as its loads are, and the adding up of slices.
  private func predictedCycles(_ shape: ProductShape, on device: CUDADevice) -> Double {
    let numbersPerBlock = Double(SourceList.bytesPerBlock / shape.precision.storedBytes)
    let blocks = (Double(shape.blocks) / Double(slices)).rounded(.up)
    let products = Double(tile.pixels * tile.channels) * numbersPerBlock
    let resident = max(1, min(device.properties.sharedBytes / tile.sharedBytes, 512 / tile.threads))
    let count = shape.tiles(tile) * slices
    let waves = (Double(count) / Double(device.properties.multiprocessors * resident)).rounded(.up)
    // Blocks that are on a multiprocessor together share its units, but hide each other's waits.
    let together = min(
      Double(resident), (Double(count) / Double(device.properties.multiprocessors)).rounded(.up))
    let perBlock = max(products * together / arithmetic.rate, Self.waitingCycles)
    let adding =
      slices == 1 ? 0 : Self.addingCycles + Double(slices * tile.partialBytes) / Self.addingBytes
    return waves * (Self.startingCycles + blocks * perBlock + adding)
  }

  /// Guesses that only rank candidates until they are timed: what a step of a block waits for at
  /// least, what it takes to start one, and to add up slices.
  private static let waitingCycles = 250.0
  private static let startingCycles = 1500.0
  private static let addingCycles = 1500.0
  private static let addingBytes = 64.0
}
