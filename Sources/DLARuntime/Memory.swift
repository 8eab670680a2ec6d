import DLACore

/// Page-aligned floats that are released with their owner.
final class AlignedFloats: @unchecked Sendable {
  let base: UnsafeMutablePointer<Float>
  let count: Int

  /// Zeroed memory for `count` floats.
  init(count: Int) throws(RuntimeError) {
    let bytes = max(count, 1) * MemoryLayout<Float>.size
    guard let address = Platform.map(bytes: bytes) else {
      throw RuntimeError(
        code: .outOfMemory,
        message: "\(bytes) bytes of memory were refused by the system; use a smaller batch or image"
      )
    }
    base = address.bindMemory(to: Float.self, capacity: max(count, 1))
    self.count = count
  }

  deinit { Platform.unmap(base, bytes: max(count, 1) * MemoryLayout<Float>.size) }
}

/// A part of the arena that is in use from one step to another, both included.
package struct BufferLifetime {
  /// Its length.
  package var floats: Int
  /// The step that writes it.
  package var firstStep: Int
  /// The last step that reads it.
  package var lastStep: Int

  /// Describes a part of the arena.
  package init(floats: Int, firstStep: Int, lastStep: Int) {
    self.floats = floats
    self.firstStep = firstStep
    self.lastStep = lastStep
  }
}

/// Where buffers lie in one arena, so that those alive together do not overlap.
package struct MemoryPlan {
  /// Where each buffer begins.
  package private(set) var offsets: [Int]
  /// The length of the arena.
  package private(set) var totalFloats: Int

  /// Offsets are multiples of this: a cache line.
  private static let alignment = 16

  /// Places the largest buffers first, each at the lowest free offset of its lifetime.
  package init(_ buffers: [BufferLifetime]) {
    offsets = Array(repeating: 0, count: buffers.count)
    totalFloats = 0
    var placed: [Int] = []
    let order = buffers.indices.sorted {
      (-buffers[$0].floats, $0) < (-buffers[$1].floats, $1)
    }
    for index in order {
      let buffer = buffers[index]
      let neighbours = placed.filter {
        buffers[$0].firstStep <= buffer.lastStep && buffer.firstStep <= buffers[$0].lastStep
      }.sorted { offsets[$0] < offsets[$1] }
      var offset = 0
      for neighbour in neighbours {
        if offset + buffer.floats <= offsets[neighbour] { break }
        let end = offsets[neighbour] + buffers[neighbour].floats
        offset = max(offset, (end + Self.alignment - 1) / Self.alignment * Self.alignment)
      }
      offsets[index] = offset
      totalFloats = max(totalFloats, offset + buffer.floats)
      placed.append(index)
    }
  }
}
