import DLATensor
import DLAText

// The location of the elements.
extension StateDictionary {
  /// Describes the tensors.
  ///
  /// `limit` is the most bytes that a tensor may take; a view may claim more than its storage has.
  ///
  /// - Returns: the contents of the file.
  /// - Throws: `Fault` that names the tensor whose elements can't be found.
  func contents(
    _ format: CheckpointFormat, pickle: StoredTensor.Part, limit: Int,
    locate: (PickleStorage) throws(Fault) -> [StoredTensor.Part]
  ) throws(Fault) -> CheckpointContents {
    var found = CheckpointContents(format: format)
    if !part.isEmpty { found.metadata["dictionary"] = part }
    for (name, value) in tensors {
      do {
        switch value {
        case .tensor(let index):
          let tensor = machine.heap.tensors[Int(index)]
          found.tensors.append(
            try stored(
              tensor, name: name, storage: machine.heap.storages[tensor.storage], limit: limit,
              locate))
        case .array(let index):
          found.tensors.append(
            try stored(machine.heap.arrays[Int(index)], name: name, pickle: pickle, limit: limit))
        default: break
        }
      } catch {
        throw Fault("tensor \(printable(name)): \(error.text)", code: error.code)
      }
    }
    try join(&found.tensors, limit: limit)
    return found
  }

  private func stored(
    _ tensor: PickleTensor, name: String, storage: PickleStorage, limit: Int,
    _ locate: (PickleStorage) throws(Fault) -> [StoredTensor.Part]
  ) throws(Fault) -> StoredTensor {
    let parts = try locate(storage)
    let available = parts.reduce(0) { $0 + $1.count }
    let size = storage.dataType.byteCount
    let (elements, overflow) = storage.offset.addingReportingOverflow(storage.count)
    guard !overflow, elements <= available / size else {
      throw Fault(
        "its storage claims \(storage.count) elements, the file holds \(available / size)")
    }
    guard let bytes = checkedSize(of: tensor.shape, storage.dataType), bytes <= limit else {
      throw Fault("shape \(tensor.shape) is larger than the file")
    }
    let first = storage.offset + tensor.offset
    if tensor.shape.contains(0) || tensor.isInOrder {
      return StoredTensor(
        name: name, dataType: storage.dataType, shape: tensor.shape,
        parts: bytes == 0 ? [] : [parts[0].slice(first * size..<first * size + bytes)])
    }
    return StoredTensor(
      name: name, dataType: storage.dataType, shape: tensor.shape, parts: parts,
      layout: .init(offset: first, strides: tensor.strides))
  }

  private func stored(
    _ array: PickleArray?, name: String, pickle: StoredTensor.Part, limit: Int
  ) throws(Fault) -> StoredTensor {
    guard let array else { throw Fault("its array has no content") }
    let type = machine.heap.arrayTypes[array.type]
    guard let dataType = type.dataType else {
      throw Fault(
        "it is an array of NumPy's type \(printable(type.code)), which no weights are",
        code: .unsupported)
    }
    guard !type.isBigEndian || dataType.byteCount == 1 else {
      throw Fault("it was saved by a big-endian machine", code: .unsupported)
    }
    guard let bytes = checkedSize(of: array.shape, dataType), bytes <= limit else {
      throw Fault("shape \(array.shape) is larger than the file")
    }
    let part: StoredTensor.Part
    switch array.content {
    // Text of Python 2 is bytes.
    case .bytes(let span), .text(let span):
      guard Int(span.count) == bytes else {
        throw Fault("shape \(array.shape) takes \(bytes) bytes, \(span.count) are there")
      }
      part = pickle.slice(span.range)
    case .latin1(let span):
      guard case .file(let file) = pickle else {
        throw Fault(
          "its bytes stand as text in a compressed file; unpack that first", code: .unsupported)
      }
      guard (bytes...2 * bytes).contains(Int(span.count)) else {
        throw Fault("shape \(array.shape) takes \(bytes) bytes, text of \(span.count) is there")
      }
      let start = file.lowerBound + span.start
      part = .latin1(start..<start + Int(span.count), count: bytes)
    default: throw Fault("its array has no bytes")
    }
    let layout = array.isFortranOrder && bytes > 0 ? StoredTensor.Layout(fortran: array.shape) : nil
    return StoredTensor(
      name: name, dataType: dataType, shape: array.shape, parts: [part], layout: layout)
  }

  /// Puts sliced tensors together again; as in Paddle, they replace others of their names.
  private func join(_ tensors: inout [StoredTensor], limit: Int) throws(Fault) {
    guard !sliced.isEmpty else { return }
    var slices: [ExactText: StoredTensor] = [:]
    for tensor in tensors { slices[ExactText(tensor.name)] = tensor }
    var used: Set<ExactText> = []
    var joined: [StoredTensor] = []
    for (name, shape, names) in sliced {
      func fault(_ reason: String) -> Fault { Fault("tensor \(printable(name)) \(reason)") }
      var parts: [StoredTensor.Part] = []
      for slice in names {
        guard let tensor = slices[ExactText(slice)], tensor.layout == nil,
          tensor.dataType == slices[ExactText(names[0])]?.dataType,
          used.insert(ExactText(slice)).inserted
        else {
          throw fault("was saved in slices, \(printable(slice)) is not there or is no such one")
        }
        parts += tensor.parts
      }
      guard let first = slices[ExactText(names[0])],
        let bytes = checkedSize(of: shape, first.dataType),
        bytes == parts.reduce(0, { $0 + $1.count }), bytes <= limit
      else { throw fault("was saved in slices, which do not make up shape \(shape)") }
      joined.append(StoredTensor(name: name, dataType: first.dataType, shape: shape, parts: parts))
    }
    let replaced = Set(joined.map { ExactText($0.name) })
    tensors.removeAll { replaced.contains(ExactText($0.name)) }
    tensors += joined
    tensors.removeAll { used.contains(ExactText($0.name)) }
  }
}

extension PickleTensor {
  /// True if the elements are contiguous and in C order.
  fileprivate var isInOrder: Bool {
    var expected = 1
    for (length, stride) in zip(shape, strides).reversed() where length != 1 {
      guard stride == expected else { return false }
      expected *= length
    }
    return true
  }
}

extension PickleArrayType {
  /// The type of the elements; nil if weights are never stored so.
  fileprivate var dataType: DataType? {
    switch code {
    case "f8": .float64
    case "f4": .float32
    case "f2": .float16
    // NumPy has no bfloat16; Paddle stores its bits so.
    case "u2": .bfloat16
    case "i8": .int64
    case "i4": .int32
    case "i2": .int16
    case "i1": .int8
    case "u1": .uint8
    case "b1": .bool
    default: nil
    }
  }
}

extension StoredTensor.Layout {
  /// The first dimension varies fastest.
  fileprivate init(fortran shape: [Int]) {
    var strides: [Int] = []
    var stride = 1
    for length in shape {
      strides.append(stride)
      stride *= length
    }
    self.init(offset: 0, strides: strides)
  }
}

extension StoredTensor.Part {
  /// Some of the bytes.
  ///
  /// - Precondition: it is not text, and the range lies inside.
  fileprivate func slice(_ range: Range<Int>) -> Self {
    precondition(range.upperBound <= count, "\(range) of \(count) bytes")
    switch self {
    case .file(let whole):
      return .file(whole.lowerBound + range.lowerBound..<whole.lowerBound + range.upperBound)
    case .memory(let copy, let whole):
      return .memory(
        copy, whole.lowerBound + range.lowerBound..<whole.lowerBound + range.upperBound)
    case .latin1, .shard: preconditionFailure("a part of text has no fixed place")
    }
  }
}
