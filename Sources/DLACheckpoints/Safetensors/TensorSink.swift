import DLASystem
import DLATensor
import DLAText

/// The destination of one tensor's elements while a file is written.
package struct TensorSink {
  private let file: ReplacementFile
  private let item: SafetensorsWriter.Item
  private let size: Int
  private var written = 0

  init(file: ReplacementFile, item: SafetensorsWriter.Item, size: Int) {
    (self.file, self.item, self.size) = (file, item, size)
  }

  /// Appends stored bytes.
  ///
  /// - Throws: `CheckpointError` with `.invalidContent` if they are more than the tensor takes, or
  ///   with `.unwritable` if the system refuses.
  package mutating func append(bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
    guard bytes.count <= size - written else { throw misfit(written + bytes.count) }
    written += bytes.count
    do {
      try file.append(bytes)
    } catch {
      throw CheckpointError(.unwritable, error)
    }
  }

  /// Appends numbers, rounded to the tensor's data type.
  ///
  /// - Throws: `CheckpointError` as `append(bytes:)` does.
  /// - Precondition: the tensor's data type is a floating-point type.
  /// - Accuracy: rounds to nearest, ties to even; float16 values of 65520 and more become infinite.
  package mutating func append(_ floats: [Float]) throws(CheckpointError) {
    // In pieces, so that a conversion takes little memory.
    var start = 0
    while start < floats.count {
      let piece = floats[start..<min(start + 1 << 16, floats.count)]
      let bytes = encoded(piece, as: item.dataType)
      try bytes.withUnsafeBufferPointer { bytes throws(CheckpointError) in
        try append(bytes: UnsafeRawBufferPointer(bytes))
      }
      start = piece.endIndex
    }
  }

  func requireFull() throws(CheckpointError) {
    guard written == size else { throw misfit(written) }
  }

  private func misfit(_ count: Int) -> CheckpointError {
    CheckpointError(
      .invalidContent,
      "tensor \(printable(item.name)) got \(counted(count, "byte")), "
        + "\(item.dataType.rawValue) of shape \(item.shape) takes \(size)")
  }
}
