import DLATensor

/// A tensor of a file: what it is, and where its elements lie.
struct StoredTensor: Sendable {
  /// Bytes that follow each other somewhere.
  enum Part: Sendable {
    /// In the file.
    case file(Range<Int>)
    /// In the file, as UTF-8 text with one character for each byte; so many bytes.
    case latin1(Range<Int>, count: Int)
    /// In memory, unpacked from the file.
    case memory(ByteCopy, Range<Int>)

    var count: Int {
      switch self {
      case .file(let range), .memory(_, let range): range.count
      case .latin1(_, let count): count
      }
    }

    /// The bytes where they lie, nil if they are text.
    func bytes(in file: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
      switch self {
      case .file(let range): UnsafeRawBufferPointer(rebasing: file[range])
      case .memory(let copy, let range): UnsafeRawBufferPointer(rebasing: copy.bytes[range])
      case .latin1: nil
      }
    }
  }

  /// How the elements follow each other where that is not C order from the first byte on.
  struct Layout: Sendable {
    /// The first element.
    let offset: Int
    /// The distance between neighbours along each dimension, in elements.
    let strides: [Int]
  }

  let name: String
  let dataType: DataType
  let shape: [Int]
  /// Its storage: the parts one after another.
  let parts: [Part]
  /// Nil if the storage is the tensor in C order.
  let layout: Layout?

  init(
    name: String, dataType: DataType, shape: [Int], parts: [Part], layout: Layout? = nil
  ) {
    self.name = name
    self.dataType = dataType
    self.shape = shape
    self.parts = parts
    self.layout = layout
  }
}

/// What a reader makes of a file.
struct CheckpointContents {
  var format: CheckpointFormat
  /// Text about the file.
  var metadata: [String: String] = [:]
  var tensors: [StoredTensor] = []
}

/// The kinds of files that weights are read from.
public enum CheckpointFormat: String, Sendable, CaseIterable {
  /// safetensors, as on the Hugging Face hub.
  case safetensors
  /// `torch.save` since PyTorch 1.6: a zip archive.
  case pyTorch = "PyTorch (zip)"
  /// `torch.save` before PyTorch 1.6: pickles, then the elements.
  case pyTorchLegacy = "PyTorch (before 1.6)"
  /// `paddle.save`: one pickle with NumPy arrays.
  case paddle = "Paddle"
}

/// Bytes at an address that does not change.
final class ByteCopy: Sendable {
  /// Written only by `init`.
  nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

  convenience init(_ contents: some Collection<UInt8>) {
    self.init(count: contents.count) { $0.copyBytes(from: contents) }
  }

  /// Memory that `fill` writes to.
  init<Failure: Error>(
    count: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
    bytes = UnsafeRawBufferPointer(buffer)
    try fill(buffer)
  }

  deinit { bytes.deallocate() }
}
