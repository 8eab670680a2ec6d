import DLAGraph
import DLASystem

/// The memory of one batch, [N, 3, H, W], whose images several threads write at the same time.
final class BatchInput: @unchecked Sendable {
  private let floats: Int
  private let memory: UnsafeMutableBufferPointer<Float>

  init(images: Int, floats: Int) throws(RuntimeError) {
    let count = images * floats
    let bytes = count * MemoryLayout<Float>.stride
    guard let address = Platform.map(bytes: bytes) else {
      throw RuntimeError(
        code: .outOfMemory,
        message:
          "the system refused \(bytes >> 20) MiB for a batch of \(images) images; make it smaller")
    }
    self.floats = floats
    memory = UnsafeMutableBufferPointer(
      start: address.bindMemory(to: Float.self, capacity: count), count: count)
  }

  deinit {
    guard let address = memory.baseAddress else { return }
    Platform.unmap(address, bytes: memory.count * MemoryLayout<Float>.stride)
  }

  /// Where one image belongs; only one thread at a time may have it.
  func image(_ index: Int) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(rebasing: memory[index * floats..<(index + 1) * floats])
  }

  /// Where the first images belong.
  func first(_ count: Int) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(rebasing: memory[..<(count * floats)])
  }

  /// All images, while nobody writes them.
  var all: UnsafeBufferPointer<Float> { UnsafeBufferPointer(memory) }
}
