import DLAText

// The calls of the allowed globals.
extension PickleMachine {
  mutating func call(
    _ function: PickleGlobal, _ arguments: [PickleValue]
  ) throws(Fault) -> PickleValue {
    switch function {
    case .dictionary: return .dictionary(try heap.container(dictionaryContent(arguments)))
    case .sequence:
      guard let first = arguments.first else { return .list(try heap.container()) }
      guard arguments.count == 1, heap.sequence(first) != nil else {
        throw Fault("a sequence is expected")
      }
      return first
    case .bytes: return try byteArray(arguments)
    case .encode: return try encoded(arguments)
    case .tensor: return .tensor(try tensor(arguments))
    case .parameter:
      guard case .tensor? = arguments.first else { throw Fault("a parameter is no tensor") }
      return arguments[0]
    case .fromType:
      guard arguments.count == 4, case .global(.tensor) = arguments[0],
        let inner = heap.sequence(arguments[2])
      else { throw Fault("a tensor of a type of its own is expected") }
      return .tensor(try tensor(inner))
    case .storage: throw Fault("a storage is made of bytes in the pickle, which is not read")
    case .array: return .array(try heap.array(nil))
    case .arrayFromBuffer: return .array(try arrayFromBuffer(arguments))
    case .arrayType: return .arrayType(try arrayType(arguments))
    case .inert: return .inert
    }
  }

  /// Sets the state of an object.
  mutating func build(_ object: PickleValue, from state: PickleValue) throws(Fault) {
    switch object {
    case .dictionary(let index):
      // The attributes of a namespace are what it holds; those of a state dict are versions.
      if case .dictionary(let attributes) = state, heap.containers[Int(index)].isEmpty {
        try heap.extend(index, heap.containers[Int(attributes)])
      }
    case .array(let index):
      guard heap.arrays[Int(index)] == nil else { throw Fault("an array is given twice") }
      try heap.fill(index, array(state: heap.sequence(state) ?? []))
    case .arrayType(let index):
      // (version, order of bytes, …)
      guard let parts = heap.sequence(state), parts.count > 2, case .text(let order) = parts[1]
      else { throw Fault("the state of a NumPy data type is expected") }
      switch try string(order) {
      case "<", "|", "=": break
      case ">": heap.setBigEndian(index)
      default: throw Fault("a NumPy data type's order of bytes is unknown")
      }
    case .tensor, .inert: break
    default: throw Fault("an object that can have a state is expected")
    }
  }

  /// PyTorch numbers storages, or takes their addresses.
  private static var longestKey: Int { 64 }

  /// A persistent object of PyTorch: `('storage', type, key, place, count[, view])`.
  mutating func storage(_ identity: PickleValue) throws(Fault) -> Int32 {
    guard let parts = heap.sequence(identity), let first = parts.first,
      case .text(let kind) = first
    else { throw Fault("a storage is expected") }
    let kindName = try string(kind)
    guard kindName == "storage" else {
      throw Fault(
        "it holds a persistent \(printable(kindName)), not only weights; "
          + "save only model.state_dict()", code: .unsupported)
    }
    guard parts.count >= 5, case .global(.storage(let dataType)) = parts[1],
      case .text(let key) = parts[2], case .integer(let count) = parts[4], count >= 0
    else { throw Fault("a storage's type, key and count are expected") }
    guard key.count <= Self.longestKey else {
      throw Fault("a storage's key has \(key.count) bytes, at most \(Self.longestKey) are read")
    }
    let name = try string(key)
    // (key of the view, first element, count)
    guard parts.count > 5, let view = heap.sequence(parts[5]) else {
      return try heap.storage(PickleStorage(key: name, dataType: dataType, count: count, offset: 0))
    }
    guard view.count == 3, case .integer(let offset) = view[1], case .integer(let length) = view[2],
      offset >= 0, length >= 0, offset <= count, length <= count - offset
    else { throw Fault("a view lies outside of its storage of \(count) elements") }
    return try heap.storage(
      PickleStorage(key: name, dataType: dataType, count: length, offset: offset))
  }

  private func dictionaryContent(_ arguments: [PickleValue]) throws(Fault) -> [PickleValue] {
    switch arguments.last {
    case .dictionary(let index)?: return heap.containers[Int(index)]
    case let list?:
      // Pairs, as Python 2 writes them; or what a defaultdict makes its values of.
      var content: [PickleValue] = []
      for pair in heap.sequence(list) ?? [] {
        guard let pair = heap.sequence(pair), pair.count == 2 else {
          throw Fault("pairs are expected")
        }
        content += pair
      }
      return content
    case nil: return []
    }
  }

  private func byteArray(_ arguments: [PickleValue]) throws(Fault) -> PickleValue {
    switch arguments.first {
    case nil: .bytes(PickleSpan(start: 0, count: 0))
    case .bytes?, .latin1?: arguments[0]
    case .text?: try encoded(arguments)
    default: throw Fault("bytes are expected")
    }
  }

  private func encoded(_ arguments: [PickleValue]) throws(Fault) -> PickleValue {
    guard arguments.count == 2, case .text(let content) = arguments[0],
      case .text(let encoding) = arguments[1]
    else { throw Fault("text and its encoding are expected") }
    guard ["latin1", "latin-1", "iso-8859-1"].contains(try string(encoding)) else {
      throw Fault("the encoding \(printable(try string(encoding))), latin1 is expected")
    }
    return .latin1(content)
  }

  private mutating func tensor(_ arguments: [PickleValue]) throws(Fault) -> Int32 {
    guard arguments.count >= 4, case .storage(let index) = arguments[0],
      case .integer(let offset) = arguments[1], offset >= 0,
      let shape = heap.lengths(arguments[2]), let strides = heap.lengths(arguments[3]),
      shape.count == strides.count
    else {
      throw Fault("a tensor's storage, offset, shape and strides are expected, none negative")
    }
    // Flags that negate or conjugate the elements when they are read.
    if arguments.count > 6, let flags = heap.pairs(arguments[6]) {
      for case (_, .bool(true)) in flags {
        throw Fault("a tensor is a negated or conjugated view; save it with .resolve_neg()")
      }
    }
    let storage = heap.storages[Int(index)]
    guard let end = endOfElements(offset: offset, shape: shape, strides: strides),
      end <= storage.count
    else {
      throw Fault(
        "a tensor of shape \(shape) with strides \(strides) reaches beyond its storage of "
          + "\(counted(storage.count, "element"))")
    }
    return try heap.tensor(
      PickleTensor(storage: Int(index), offset: offset, shape: shape, strides: strides))
  }

  /// `dtype('f4', False, True)`.
  private mutating func arrayType(_ arguments: [PickleValue]) throws(Fault) -> Int32 {
    guard case .text(let text)? = arguments.first else {
      throw Fault("the name of a NumPy data type is expected")
    }
    var code = try string(text)
    let isBigEndian = code.first == ">"
    if let first = code.first, "<>|=".contains(first) { code.removeFirst() }
    return try heap.arrayType(PickleArrayType(code: code, isBigEndian: isBigEndian))
  }

  /// `(version, shape, data type, Fortran order, bytes)`.
  private func array(state: [PickleValue]) throws(Fault) -> PickleArray {
    guard state.count == 5, case .bool(let isFortranOrder) = state[3] else {
      throw Fault("the state of a NumPy array is expected")
    }
    return try array(
      shape: state[1], type: state[2], isFortranOrder: isFortranOrder, content: state[4])
  }

  /// `(bytes, data type, shape, order)`.
  private mutating func arrayFromBuffer(_ arguments: [PickleValue]) throws(Fault) -> Int32 {
    guard arguments.count == 4, case .text(let order) = arguments[3] else {
      throw Fault("a NumPy array's bytes, data type, shape and order are expected")
    }
    return try heap.array(
      array(
        shape: arguments[2], type: arguments[1], isFortranOrder: string(order) == "F",
        content: arguments[0]))
  }

  private func array(
    shape: PickleValue, type: PickleValue, isFortranOrder: Bool, content: PickleValue
  ) throws(Fault) -> PickleArray {
    guard let lengths = heap.lengths(shape) else {
      throw Fault("the shape of a NumPy array is expected")
    }
    guard case .arrayType(let index) = type else { throw Fault("a NumPy data type is expected") }
    return PickleArray(
      shape: lengths, type: Int(index), isFortranOrder: isFortranOrder, content: content)
  }
}

/// One past the last element that a tensor reads, nil if that does not fit an `Int`.
///
/// - Returns: `offset` if the tensor has no elements.
func endOfElements(offset: Int, shape: [Int], strides: [Int]) -> Int? {
  guard !shape.contains(0) else { return offset }
  var last = offset
  for (length, stride) in zip(shape, strides) {
    let (reach, overflow) = (length - 1).multipliedReportingOverflow(by: stride)
    let (sum, carry) = last.addingReportingOverflow(reach)
    guard !overflow, !carry else { return nil }
    last = sum
  }
  return last == .max ? nil : last + 1
}
