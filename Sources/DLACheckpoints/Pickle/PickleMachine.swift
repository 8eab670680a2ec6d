import DLAText

/// A pickle as a program, run without anything to run: it can only build dictionaries, lists, tuples,
/// numbers, text and tensors.
///
/// Python's own unpickler imports and calls everything that a file names. Here a name stands for one of
/// the few cases of `PickleGlobal`, or is refused. Opcodes are those of `Lib/pickletools.py` in
/// CPython; the depth of the stack, the memo and everything that is built are bounded.
struct PickleMachine {
  /// The objects created so far.
  var heap = PickleHeap()
  let bytes: UnsafeRawBufferPointer
  /// The next byte to read; after `run` the first one behind the pickle.
  private(set) var position: Int
  private var stack: [PickleValue] = []
  /// Heights of the stack at which marks stand.
  private var marks: [Int] = []
  private var memo: [PickleValue?] = []

  private static let deepestStack = 1 << 17
  private static let largestMemo = 1 << 18
  private static let newestProtocol = 5

  /// Prepares to read the pickle that begins at `start`; the bytes outlive the machine.
  init(_ bytes: UnsafeRawBufferPointer, start: Int = 0) {
    self.bytes = bytes
    position = start
  }

  /// Reads one pickle to its end.
  ///
  /// - Returns: the object that it holds, whose parts are in `heap`.
  /// - Throws: `Fault` that says at which byte of the pickle what was found.
  mutating func run() throws(Fault) -> PickleValue {
    let start = position
    stack = []
    marks = []
    memo = []
    while true {
      let place = position
      do throws(Fault) {
        let byte = try self.byte()
        guard let opcode = PickleOpcode(rawValue: byte) else {
          throw Fault("0x\(String(byte, radix: 16)) is no opcode of weights")
        }
        if opcode == .stop {
          guard marks.isEmpty, stack.count == 1 else {
            throw Fault("it ends with \(counted(stack.count, "object")), 1 is expected")
          }
          return stack[0]
        }
        try perform(opcode)
        guard stack.count <= Self.deepestStack, marks.count <= Self.deepestStack else {
          throw Fault("the stack is deeper than \(Self.deepestStack)")
        }
      } catch {
        throw Fault("the pickle, at byte \(place - start): \(error.text)", code: error.code)
      }
    }
  }

  private mutating func perform(_ opcode: PickleOpcode) throws(Fault) {
    switch opcode {
    case .proto:
      let version = try byte()
      guard version <= Self.newestProtocol else {
        throw Fault(
          "protocol \(version) is unknown, at most \(Self.newestProtocol) is expected",
          code: .unsupported)
      }
    case .frame: _ = try length(bytes: 8)
    case .stop: preconditionFailure("run() ends there")
    case .mark: marks.append(stack.count)
    case .pop: if marks.last == stack.count { marks.removeLast() } else { _ = try pop() }
    case .popMark: _ = try popToMark()
    case .dup: stack.append(try top())

    case .none: stack.append(.none)
    case .newtrue: stack.append(.bool(true))
    case .newfalse: stack.append(.bool(false))
    case .binint: stack.append(.integer(Int(Int32(truncatingIfNeeded: try unsigned(bytes: 4)))))
    case .binint1: stack.append(.integer(Int(try byte())))
    case .binint2: stack.append(.integer(Int(try unsigned(bytes: 2))))
    case .long1: stack.append(try integer(span(length(bytes: 1))))
    case .long4: stack.append(try integer(span(length(bytes: 4))))
    case .binfloat: stack.append(.float(Double(bitPattern: try unsigned(bytes: 8).byteSwapped)))

    case .binunicode: stack.append(try text(length(bytes: 4)))
    case .shortBinunicode: stack.append(try text(length(bytes: 1)))
    case .binunicode8: stack.append(try text(length(bytes: 8)))
    // Text of Python 2, which is bytes as well; names and keys are ASCII.
    case .binstring: stack.append(try text(length(bytes: 4)))
    case .shortBinstring: stack.append(try text(length(bytes: 1)))
    case .binbytes: stack.append(.bytes(try span(length(bytes: 4))))
    case .shortBinbytes: stack.append(.bytes(try span(length(bytes: 1))))
    case .binbytes8, .bytearray8: stack.append(.bytes(try span(length(bytes: 8))))

    case .emptyTuple: stack.append(.tuple(try heap.container()))
    case .emptyList, .emptySet: stack.append(.list(try heap.container()))
    case .emptyDict: stack.append(.dictionary(try heap.container()))
    case .tuple1: try makeTuple(1)
    case .tuple2: try makeTuple(2)
    case .tuple3: try makeTuple(3)
    case .tuple: stack.append(.tuple(try heap.container(popToMark())))
    case .list, .frozenset: stack.append(.list(try heap.container(popToMark())))
    case .dict: stack.append(.dictionary(try heap.container(inPairs(popToMark()))))
    case .append: try extendList([pop()])
    case .appends, .additems: try extendList(popToMark())
    case .setitem:
      let value = try pop()
      try extendDictionary([try pop(), value])
    case .setitems: try extendDictionary(popToMark())

    case .binget: try get(Int(try byte()))
    case .longBinget: try get(try length(bytes: 4))
    case .binput: try put(Int(try byte()))
    case .longBinput: try put(try length(bytes: 4))
    case .memoize: try put(memo.count)

    case .global: stack.append(.global(try global(module: line(), name: line())))
    case .stackGlobal:
      guard case .text(let name) = try pop(), case .text(let module) = try pop() else {
        throw Fault("a module and a name are expected as text")
      }
      stack.append(.global(try global(module: string(module), name: string(name))))
    case .reduce, .newobj:
      let arguments = try pop()
      guard case .tuple(let index) = arguments, case .global(let function) = try pop() else {
        throw Fault("a name and a tuple are expected")
      }
      stack.append(try call(function, heap.containers[Int(index)]))
    case .build:
      let state = try pop()
      try build(try top(), from: state)
    case .binpersid: stack.append(.storage(try storage(try pop())))
    }
  }
}

// MARK: - The stack and the memo

extension PickleMachine {
  private mutating func pop() throws(Fault) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.popLast() else {
      throw Fault("the stack is empty")
    }
    return value
  }

  private func top() throws(Fault) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.last else {
      throw Fault("the stack is empty")
    }
    return value
  }

  private mutating func popToMark() throws(Fault) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw Fault("there is no mark") }
    let values = Array(stack[mark...])
    stack.removeSubrange(mark...)
    return values
  }

  private mutating func makeTuple(_ count: Int) throws(Fault) {
    guard stack.count - (marks.last ?? 0) >= count else { throw Fault("the stack is empty") }
    let values = Array(stack.suffix(count))
    stack.removeLast(count)
    stack.append(.tuple(try heap.container(values)))
  }

  private func inPairs(_ values: [PickleValue]) throws(Fault) -> [PickleValue] {
    guard values.count.isMultiple(of: 2) else { throw Fault("a key has no value") }
    return values
  }

  private mutating func extendList(_ values: [PickleValue]) throws(Fault) {
    guard case .list(let index) = try top() else { throw Fault("a list is expected") }
    try heap.extend(index, values)
  }

  private mutating func extendDictionary(_ values: [PickleValue]) throws(Fault) {
    guard case .dictionary(let index) = try top() else { throw Fault("a dictionary is expected") }
    try heap.extend(index, inPairs(values))
  }

  private mutating func get(_ index: Int) throws(Fault) {
    guard memo.indices.contains(index), let value = memo[index] else {
      throw Fault("nothing was kept as \(index)")
    }
    stack.append(value)
  }

  private mutating func put(_ index: Int) throws(Fault) {
    guard index < Self.largestMemo else {
      throw Fault("an object is kept as \(index), at most \(Self.largestMemo) are read")
    }
    let value = try top()
    if index >= memo.count { memo += Array(repeating: nil, count: index + 1 - memo.count) }
    memo[index] = value
  }
}

// MARK: - Bytes

extension PickleMachine {
  private mutating func byte() throws(Fault) -> UInt8 {
    guard position < bytes.count else { throw Self.endsEarly }
    position += 1
    return bytes[position - 1]
  }

  private static let endsEarly = Fault("the file ends here; was it downloaded to its end?")

  /// A little-endian number.
  private mutating func unsigned(bytes count: Int) throws(Fault) -> UInt64 {
    guard bytes.count - position >= count else { throw Self.endsEarly }
    var value: UInt64 = 0
    for index in 0..<count { value |= UInt64(bytes[position + index]) << (8 * index) }
    position += count
    return value
  }

  private mutating func length(bytes count: Int) throws(Fault) -> Int {
    let value = try unsigned(bytes: count)
    guard let length = Int(exactly: value) else { throw Fault("a length of \(value) bytes") }
    return length
  }

  private mutating func span(_ count: Int) throws(Fault) -> PickleSpan {
    guard count <= bytes.count - position else {
      throw Fault(
        "\(count) bytes are claimed, \(bytes.count - position) are left; "
          + "was the file downloaded to its end?")
    }
    guard let short = Int32(exactly: count) else {
      throw Fault("\(count) bytes in one piece, at most \(Int32.max) are read", code: .unsupported)
    }
    position += count
    return PickleSpan(start: position - count, count: short)
  }

  /// Text is checked where it is used as such; weights in protocol 2 are text of many megabytes.
  private mutating func text(_ count: Int) throws(Fault) -> PickleValue {
    .text(try span(count))
  }

  private func integer(_ span: PickleSpan) -> PickleValue {
    guard span.count <= 8 else { return .longInteger(span) }
    var value = 0
    for (index, byte) in bytes[span.range].enumerated() { value |= Int(byte) << (8 * index) }
    // The sign is that of the last byte.
    let unused = 64 - 8 * Int(span.count)
    return .integer(span.count == 0 ? 0 : (value << unused) >> unused)
  }

  /// A line of text without its end.
  private mutating func line() throws(Fault) -> String {
    guard let end = bytes.firstOffset(of: UInt8(ascii: "\n"), from: position) else {
      throw Self.endsEarly
    }
    let line = try string(span(end - position))
    position += 1
    return line
  }

  /// Short text, for instance a name.
  func string(_ span: PickleSpan) throws(Fault) -> String {
    guard span.count <= Self.longestName else {
      throw Fault("a name has \(span.count) bytes, at most \(Self.longestName) are read")
    }
    guard let text = String(validating: bytes[span.range], as: UTF8.self) else {
      throw Fault("a name is not valid UTF-8")
    }
    return text
  }

  private static let longestName = 1024

  private static let otherTensors = [
    ("_rebuild_qtensor", "quantized"), ("_rebuild_sparse", "sparse"),
    ("_rebuild_nested_tensor", "nested"),
  ]

  private func global(module: String, name: String) throws(Fault) -> PickleGlobal {
    guard let global = PickleGlobal(module: module, name: name) else {
      for (function, kind) in Self.otherTensors where name.utf8.starts(with: function.utf8) {
        throw Fault(
          "it holds \(kind) tensors (\(printable("\(module).\(name)"))); dense floating-point ones are "
            + "expected", code: .unsupported)
      }
      throw Fault(
        "it names the Python object \(printable("\(module).\(name)")), which weights don't need; "
          + "nothing was run; save only model.state_dict() in a file of its own",
        code: .unsupported)
    }
    return global
  }
}
