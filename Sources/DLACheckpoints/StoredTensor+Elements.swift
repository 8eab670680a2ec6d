extension StoredTensor {
  /// Gathers the elements in C order.
  ///
  /// - Parameter file: the whole file.
  /// - Returns: a copy of them.
  /// - Throws: `Fault` if a part that is text is not as long as its tensor.
  func elements(in file: UnsafeRawBufferPointer) throws(Fault) -> ByteCopy {
    let storage = try storage(in: file)
    guard let layout else { return storage }
    return ByteCopy(count: shape.reduce(dataType.byteCount, *)) { target in
      switch dataType.byteCount {
      case 1: gather(UInt8.self, from: storage.bytes, layout, to: target)
      case 2: gather(UInt16.self, from: storage.bytes, layout, to: target)
      case 4: gather(UInt32.self, from: storage.bytes, layout, to: target)
      default: gather(UInt64.self, from: storage.bytes, layout, to: target)
      }
    }
  }

  /// The parts in one piece.
  private func storage(in file: UnsafeRawBufferPointer) throws(Fault) -> ByteCopy {
    var fault: Fault?
    let copy = ByteCopy(count: parts.reduce(0) { $0 + $1.count }) { target in
      var end = 0
      for part in parts {
        let place = UnsafeMutableRawBufferPointer(rebasing: target[end..<end + part.count])
        switch part {
        case .file(let range):
          place.copyMemory(from: UnsafeRawBufferPointer(rebasing: file[range]))
        case .memory(let memory, let range):
          place.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory.bytes[range]))
        case .latin1(let range, let count):
          let text = UnsafeRawBufferPointer(rebasing: file[range])
          if !decodeLatin1(text, to: place) {
            fault = Fault("its text of \(range.count) bytes does not hold \(count) bytes")
          }
        }
        end += part.count
      }
    }
    if let fault { throw fault }
    return copy
  }

  /// Brings strided elements into C order, the last dimension in the inner loop.
  private func gather<Element: BitwiseCopyable>(
    _: Element.Type, from source: UnsafeRawBufferPointer, _ layout: Layout,
    to target: UnsafeMutableRawBufferPointer
  ) {
    let size = MemoryLayout<Element>.size
    guard !target.isEmpty else { return }
    let inner = shape.last ?? 1
    let step = layout.strides.last ?? 0
    var place = [Int](repeating: 0, count: max(0, shape.count - 1))
    var start = layout.offset
    for row in 0..<target.count / (inner * size) {
      for column in 0..<inner {
        let element = source.loadUnaligned(
          fromByteOffset: (start + column * step) * size, as: Element.self)
        target.storeBytes(
          of: element, toByteOffset: (row * inner + column) * size, as: Element.self)
      }
      for dimension in place.indices.reversed() {
        place[dimension] += 1
        start += layout.strides[dimension]
        if place[dimension] < shape[dimension] { break }
        start -= layout.strides[dimension] * shape[dimension]
        place[dimension] = 0
      }
    }
  }
}
