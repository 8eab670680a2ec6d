import DLABackend
import DLAGraph
import DLATensor

/// The operations of `Convolution.cu` before the results are stored.
enum ProductFlags {
  static let appliesReLU = 1
  static let writesFloats = 2
}

/// A convolution without groups as the matrix product that `Convolution.cu` computes.
struct DeviceProduct {
  let name: String
  let convolution: Convolution
  let list: SourceList
  /// The size of the feature map that is read.
  let source: SpatialSize
  /// The buffer that is written, and its offset in the arena.
  let buffer: DeviceBuffer
  let offset: Int
  let shortcut: FeatureMapPart?
  let appliesReLU: Bool

  var shape: ProductShape {
    ProductShape(
      pixels: buffer.images * buffer.size.area, channels: buffer.pitch, blocks: list.blocks,
      precision: list.precision)
  }

  /// The same for all products that take the same time.
  var description: String {
    [
      shape.pixels, shape.channels, shape.blocks, source.height, source.width,
      convolution.kernelSize, convolution.stride, shortcut == nil ? 0 : 1,
    ].map(String.init).joined(separator: " ")
  }

  /// The start of its kernel; places are bytes of the weights or of the arena.
  func launch(
    _ choice: ConvolutionChoice, kernel: KernelModule.Kernel, weights: Int, bias: Int, list: Int,
    counters: Int, workspace: Int
  ) -> Launch {
    let writesFloats = buffer.precision.storedBytes != self.list.precision.storedBytes
    let flags =
      (appliesReLU ? ProductFlags.appliesReLU : 0) | (writesFloats ? ProductFlags.writesFloats : 0)
    let addresses: [Launch.Argument] = [
      .arena(0), .weights(weights), .weights(bias), .weights(list), .arena(offset),
      shortcut.map { .arena($0.offset) } ?? .none, .arena(workspace), .arena(counters),
    ]
    let numbers = [
      shape.pixels, shape.channels, shape.blocks, choice.splitK, source.height, source.width,
      buffer.size.height, buffer.size.width, convolution.stride, buffer.pitch,
      shortcut?.pitch ?? 0, flags,
    ]
    return Launch(
      name: name, kernel: kernel, grid: (shape.tiles(choice.tile), choice.splitK),
      threads: choice.tile.threads, sharedBytes: choice.tile.sharedBytes,
      arguments: addresses + numbers.map { .number($0) })
  }
}

/// The chunks of sixteen bytes that an output pixel of a convolution reads, by kernel element and
/// part.
///
/// The kernel walks this list, so it knows neither kernel elements nor concatenations
/// (`Convolution.cu`).
struct SourceList {
  struct Chunk {
    /// In the arena, at the source's first pixel, in bytes.
    let offset: Int
    /// Bytes from a pixel to the next; 0 for one that only fills the list.
    let pixelBytes: Int
    /// Rows and columns from the output pixel's own place.
    let distance: (y: Int, x: Int)
    /// The kernel element, and the channels of the convolution that the chunk holds; fewer
    /// than fit where a part ends.
    let weights: (element: Int, channels: Range<Int>)
  }

  let chunks: [Chunk]
  let precision: Precision

  /// Chunks of a row in shared memory.
  static let chunksPerBlock = 8
  static let bytesPerBlock = 16 * chunksPerBlock
  /// Bytes of a chunk's description on the device.
  private static let descriptionBytes = 16

  init(_ convolution: Convolution, of map: DeviceFeatureMap, precision: Precision) {
    self.precision = precision
    let side = convolution.kernelSize
    var chunks: [Chunk] = []
    for element in 0..<side * side {
      var first = 0
      for part in map.parts {
        for place in stride(from: 0, to: part.paddedChannels, by: precision.numbersPerChunk) {
          let end = min(part.channels, place + precision.numbersPerChunk)
          chunks.append(
            Chunk(
              offset: part.offset + place * precision.storedBytes,
              pixelBytes: part.pitch * precision.storedBytes,
              distance: (
                element / side - convolution.padding, element % side - convolution.padding
              ),
              weights: (element, first + place..<first + max(place, end))))
        }
        first += part.channels
      }
    }
    let rest = -chunks.count & (Self.chunksPerBlock - 1)
    let filler = Chunk(offset: 0, pixelBytes: 0, distance: (0, 0), weights: (0, 0..<0))
    self.chunks = chunks + Array(repeating: filler, count: rest)
  }

  var blocks: Int { chunks.count / Self.chunksPerBlock }

  var bytes: Int { chunks.count * Self.descriptionBytes }

  /// As `SourceChunk` of `Convolution.cu` has it.
  var encoded: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: bytes)
    bytes.withUnsafeMutableBytes { bytes in
      for (index, chunk) in chunks.enumerated() {
        let place = index * Self.descriptionBytes
        bytes.storeBytes(of: Int64(chunk.offset), toByteOffset: place, as: Int64.self)
        bytes.storeBytes(of: Int32(chunk.pixelBytes), toByteOffset: place + 8, as: Int32.self)
        bytes.storeBytes(of: Int16(chunk.distance.y), toByteOffset: place + 12, as: Int16.self)
        bytes.storeBytes(of: Int16(chunk.distance.x), toByteOffset: place + 14, as: Int16.self)
      }
    }
    return bytes
  }
}
