import DLASystem
import DLATensor
import DLAText

/// A tensor of a file and the location of its elements.
struct StoredTensor: Sendable {
  /// A contiguous range of bytes.
  enum Part: Sendable {
    /// In the file.
    case file(Range<Int>)
    /// In the file, as UTF-8 text with one character for each byte; so many bytes.
    case latin1(Range<Int>, count: Int)
    /// In memory, unpacked from the file.
    case memory(ByteCopy, Range<Int>)
    /// In one of several files that an index names.
    case shard(MappedFile, Range<Int>)

    var count: Int {
      switch self {
      case .file(let range), .memory(_, let range), .shard(_, let range): range.count
      case .latin1(_, let count): count
      }
    }

    /// The bytes in place; nil if they are text.
    func bytes(in file: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
      switch self {
      case .file(let range): UnsafeRawBufferPointer(rebasing: file[range])
      case .memory(let copy, let range): UnsafeRawBufferPointer(rebasing: copy.bytes[range])
      case .shard(let file, let range): UnsafeRawBufferPointer(rebasing: file.bytes[range])
      case .latin1: nil
      }
    }
  }

  /// The strides of elements that are not in C order from the first byte on.
  struct Layout: Sendable {
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

  init(name: String, dataType: DataType, shape: [Int], parts: [Part], layout: Layout? = nil) {
    (self.name, self.dataType, self.shape, self.parts) = (name, dataType, shape, parts)
    self.layout = layout
  }
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

extension StoredTensor {
  /// The bytes that the elements take; a shape that was checked may hold lengths whose product
  /// overflows beside a zero.
  var byteCount: Int { shape.contains(0) ? 0 : shape.reduce(dataType.byteCount, *) }

  /// Gathers the elements in C order into memory of `byteCount` bytes.
  ///
  /// - Throws: `Fault` if a part that is text is not as long as its tensor.
  func copyElements(
    of file: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer
  ) throws(Fault) {
    guard let layout else { return try copyStorage(of: file, to: target) }
    if parts.count == 1, let storage = parts[0].bytes(in: file) {
      return gather(from: storage, layout, to: target)
    }
    let storage = try ByteCopy(count: parts.reduce(0) { $0 + $1.count }) { storage throws(Fault) in
      try copyStorage(of: file, to: storage)
    }
    gather(from: storage.bytes, layout, to: target)
  }

  /// Copies the parts in one piece.
  private func copyStorage(
    of file: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer
  ) throws(Fault) {
    var end = 0
    for part in parts {
      let place = UnsafeMutableRawBufferPointer(rebasing: target[end..<end + part.count])
      if let bytes = part.bytes(in: file) {
        place.copyMemory(from: bytes)
      } else if case .latin1(let range, let count) = part {
        guard decodeLatin1(UnsafeRawBufferPointer(rebasing: file[range]), to: place) else {
          throw Fault("its text of \(range.count) bytes does not hold \(count) bytes")
        }
      }
      end += part.count
    }
  }

  private func gather(
    from source: UnsafeRawBufferPointer, _ layout: Layout, to target: UnsafeMutableRawBufferPointer
  ) {
    switch dataType.byteCount {
    case 1: gather(UInt8.self, from: source, layout, to: target)
    case 2: gather(UInt16.self, from: source, layout, to: target)
    case 4: gather(UInt32.self, from: source, layout, to: target)
    default: gather(UInt64.self, from: source, layout, to: target)
    }
  }

  /// Copies strided elements into C order; the inner loop is that of the smallest source stride.
  private func gather<Element: BitwiseCopyable>(
    _: Element.Type, from source: UnsafeRawBufferPointer, _ layout: Layout,
    to target: UnsafeMutableRawBufferPointer
  ) {
    guard !target.isEmpty else { return }
    let size = MemoryLayout<Element>.size
    var step = 1
    var dimensions: [(length: Int, source: Int, target: Int)] = []
    for (length, stride) in zip(shape, layout.strides).reversed() {
      if length > 1 { dimensions.append((length, stride, step)) }
      step *= length
    }
    dimensions.sort { $0.source > $1.source }
    let inner = dimensions.popLast() ?? (1, 0, 1)
    var place = Array(repeating: 0, count: dimensions.count)
    var read = layout.offset
    var written = 0
    var isDone = false
    while !isDone {
      for index in 0..<inner.length {
        let element = source.loadUnaligned(
          fromByteOffset: (read &+ index &* inner.source) &* size, as: Element.self)
        target.storeBytes(
          of: element, toByteOffset: (written &+ index &* inner.target) &* size, as: Element.self)
      }
      isDone = true
      for index in dimensions.indices.reversed() {
        place[index] += 1
        read += dimensions[index].source
        written += dimensions[index].target
        if place[index] < dimensions[index].length {
          isDone = false
          break
        }
        read -= dimensions[index].source * place[index]
        written -= dimensions[index].target * place[index]
        place[index] = 0
      }
    }
  }
}
