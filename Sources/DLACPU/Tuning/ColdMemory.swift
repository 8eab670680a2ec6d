/// Memory that is handed out piece after piece and from the start again, so that what one gets is in
/// no cache of a core: as a layer's weights are when its turn in the network comes.
final class ColdMemory {
  private let memory: AlignedFloats
  private var position = 0

  /// The weights of a large network; less would stay in the last cache of large machines.
  private static let leastFloats = (256 << 20) / MemoryLayout<Float>.size
  private static let alignment = 1024

  /// Takes memory.
  ///
  /// - Parameter largest: the floats of the largest piece.
  /// - Throws: `RuntimeError` if memory is refused.
  init(largest: Int) throws(RuntimeError) {
    memory = try AlignedFloats(count: max(Self.leastFloats, 4 * largest))
    // Memory that was never written to is one page of zeros, over and over, which caches would hold.
    memory.base.update(repeating: 0, count: memory.count)
  }

  /// Whether pieces of so many floats can be had.
  func holds(_ floats: Int) -> Bool { 4 * floats <= memory.count }

  /// The next piece: zeros, aligned to a page.
  ///
  /// - Precondition: `holds(floats)`.
  func next(_ floats: Int) -> UnsafeMutablePointer<Float> {
    precondition(holds(floats), "\(floats) floats of \(memory.count) were asked for")
    if position + floats > memory.count { position = 0 }
    defer {
      position = (position + floats + Self.alignment - 1) / Self.alignment * Self.alignment
    }
    return memory.base + position
  }
}
