import DLAGraph
import DLATensor

/// What `Convolution.cu` does on the way to memory.
enum ProductFlags {
  static let appliesReLU = 1
  static let writesFloats = 2
}

/// A convolution without groups as the matrix product that `Convolution.cu` computes.
struct DeviceProduct {
  let name: String
  let convolution: Convolution
  let list: SourceList
  /// Of the map that is read.
  let source: SpatialSize
  /// What is written, and where it begins in the arena.
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
      convolution.kernelSize,
      convolution.stride, shortcut == nil ? 0 : 1,
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
