import CDLAKernels

/// A cost model of algorithms on one kind of core, in cycles.
///
/// Only ratios matter, so the numbers are those of one class of hardware; Documentation/Planning.md
/// compares them with measurements.
struct CostModel: Sendable {
  /// Vector multiply-adds of a cycle, and loads.
  let multiplyAdds: Double
  let loads: Double
  /// Vectors that sixteen channels take.
  let vectorsPerChannelBlock: Double
  /// Output pixels of a tile that a kernel holds in registers.
  let columns: Int
  /// Bytes a cycle that one worker reads of weights and feature maps beyond its own cache.
  let memoryBytes = 5.0
  /// Bytes of the cache that each core has for itself.
  let cacheBytes: Int
  /// Waiting for the other workers once.
  let barrier = 3000.0
  let call = 40.0

  /// The clock at which cycles are shown as time.
  static let nominalHertz = 3e9

  init(_ instructionSet: InstructionSet, cacheBytes: Int) {
    let kernels = instructionSet.kernels
    columns = kernels.columns
    vectorsPerChannelBlock = Double(Layout.channelsPerBlock / kernels.lanes)
    // The portable kernels multiply and add one after the other, in two halves.
    multiplyAdds = instructionSet == .portable ? 0.5 : 2
    loads = 2
    self.cacheBytes = cacheBytes
  }

  /// One kernel element of a tile: as many multiply-adds as it has vectors, a load for each pixel
  /// and for each vector of weights, and never faster than one multiply-add follows another.
  func kernelElement(columns: Int, vectors: Int) -> Double {
    max(Double(columns * vectors) / multiplyAdds, Double(columns + vectors) / loads, 4)
  }

  /// `kernelElements` of a row of pixels that is split evenly into tiles.
  func row(pixels: Int, vectors: Int, kernelElements: Int) -> Double {
    let parts = (pixels + columns - 1) / columns
    guard parts > 0 else { return 0 }
    let (each, wider) = pixels.quotientAndRemainder(dividingBy: parts)
    let cycles =
      Double(parts - wider) * kernelElement(columns: each, vectors: vectors)
      + Double(wider) * kernelElement(columns: each + 1, vectors: vectors)
    return cycles * Double(kernelElements) + Double(parts) * call
  }

  /// The input and output transforms of one tile of one vector.
  func inputTransform(_ tile: WinogradTile) -> Double { Double(tile.points) * 3 }
  func outputTransform(_ tile: WinogradTile) -> Double { Double(tile.points) * 2.7 }

  /// Reading memory that no cache of the core holds.
  func memory(bytes: Int) -> Double { Double(bytes) / memoryBytes }
}
