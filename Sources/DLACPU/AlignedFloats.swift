import DLAGraph
import DLASystem

/// Page-aligned floats that are released with their owner.
final class AlignedFloats: @unchecked Sendable {
  // Unchecked: the pointer never changes; the owner orders writes and reads of the floats.
  let base: UnsafeMutablePointer<Float>
  let count: Int

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
