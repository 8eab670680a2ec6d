import DLATensor
import Foundation
import Testing

/// A message of protobuf's wire format, taken apart without any code of the writer.
struct WireMessage {
  enum Value {
    case number(UInt64)
    case bits(UInt32)
    case bytes(Data)
  }

  let fields: [(number: Int, value: Value)]

  init(_ data: Data) throws {
    var rest = data
    func varint() throws -> UInt64 {
      var value: UInt64 = 0
      for shift in stride(from: 0, to: 64, by: 7) {
        guard let byte = rest.popFirst() else { throw Malformed(reason: "a varint is cut short") }
        value |= UInt64(byte & 0x7F) << shift
        if byte < 0x80 { return value }
      }
      throw Malformed(reason: "a varint of more than ten bytes")
    }
    var fields: [(number: Int, value: Value)] = []
    while !rest.isEmpty {
      let key = try varint()
      let number = Int(key >> 3)
      switch key & 7 {
      case 0: fields.append((number, .number(try varint())))
      case 2:
        let count = Int(try varint())
        try #require(count <= rest.count, "field \(number) has \(count) of \(rest.count) bytes")
        fields.append((number, .bytes(rest.prefix(count))))
        rest = rest.dropFirst(count)
      case 5:
        try #require(rest.count >= 4)
        let bits = rest.prefix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        fields.append((number, .bits(bits)))
        rest = rest.dropFirst(4)
      default: throw Malformed(reason: "field \(number) has wire type \(key & 7)")
      }
    }
    self.fields = fields
  }

  struct Malformed: Error { let reason: String }

  func data(_ number: Int) -> [Data] {
    fields.compactMap { field in
      guard field.number == number, case .bytes(let data) = field.value else { return nil }
      return data
    }
  }

  func texts(_ number: Int) throws -> [String] {
    try data(number).map { try #require(String(data: $0, encoding: .utf8)) }
  }

  func text(_ number: Int) throws -> String {
    let texts = try texts(number)
    try #require(texts.count == 1, "field \(number) is there \(texts.count) times")
    return texts[0]
  }

  func messages(_ number: Int) throws -> [WireMessage] { try data(number).map(WireMessage.init) }

  func message(_ number: Int) throws -> WireMessage {
    let messages = try messages(number)
    try #require(messages.count == 1, "field \(number) is there \(messages.count) times")
    return messages[0]
  }

  func numbers(_ number: Int) -> [Int] {
    fields.compactMap { field in
      guard field.number == number, case .number(let value) = field.value else { return nil }
      return Int(truncatingIfNeeded: value)
    }
  }

  /// The pairs of a field of `StringStringEntryProto`.
  func entries(_ number: Int) throws -> [(key: String, value: String)] {
    try messages(number).map { (key: try $0.text(1), value: try $0.text(2)) }
  }
}

/// The fields of an ONNX file, by their numbers in onnx.proto.
struct ONNXFile {
  struct Node: Equatable {
    let operatorName: String
    let name: String
    let inputs: [String]
    let outputs: [String]
    /// Whole numbers, or the bits of a float.
    let attributes: [String: [Int]]
  }

  struct Tensor {
    let shape: [Int]
    /// 1 float32, 7 int64, 10 float16.
    let type: Int
    /// The elements; nil if they are in another file.
    let raw: Data?
    let external: [(key: String, value: String)]

    var floats: [Float] { elements(Float.self) }

    /// The elements in the file's order of bytes, which is that of the machines the tests run on;
    /// copied whole, since test code is not optimized and models have millions of elements.
    func elements<Element: BitwiseCopyable>(_: Element.Type) -> [Element] {
      let raw = raw ?? Data()
      let count = raw.count / MemoryLayout<Element>.size
      return Array(unsafeUninitializedCapacity: count) { buffer, initialized in
        raw.copyBytes(to: UnsafeMutableRawBufferPointer(buffer))
        initialized = count
      }
    }
  }

  let model: WireMessage
  let graph: WireMessage
  let nodes: [Node]
  /// In the order of the file.
  let tensorNames: [String]
  let tensors: [String: Tensor]

  init(path: String) throws {
    // Not mapped: other tests measure how much of files this process has in memory.
    model = try WireMessage(Data(contentsOf: URL(fileURLWithPath: path)))
    graph = try model.message(7)
    nodes = try graph.messages(1).map { node in
      let attributes = try node.messages(5).map { attribute in
        (try attribute.text(1), try Self.values(of: attribute))
      }
      return Node(
        operatorName: try node.text(4), name: try node.text(3), inputs: try node.texts(1),
        outputs: try node.texts(2), attributes: Dictionary(uniqueKeysWithValues: attributes))
    }
    let named = try graph.messages(5).map { tensor in
      let isExternal = tensor.numbers(14) == [1]
      try #require(tensor.data(9).count == (isExternal ? 0 : 1))
      return (
        try tensor.text(8),
        Tensor(
          shape: tensor.numbers(1), type: try #require(tensor.numbers(2).first),
          raw: tensor.data(9).first, external: try tensor.entries(13))
      )
    }
    tensorNames = named.map(\.0)
    tensors = Dictionary(uniqueKeysWithValues: named)
  }

  /// The value of an attribute, whose field must be the one that its type names.
  private static func values(of attribute: WireMessage) throws -> [Int] {
    switch attribute.numbers(20) {
    case [1]:
      let bits = attribute.fields.compactMap { field in
        if field.number == 2, case .bits(let bits) = field.value { Int(bits) } else { Int?.none }
      }
      try #require(bits.count == 1)
      return bits
    case [2]:
      try #require(attribute.numbers(3).count == 1)
      return attribute.numbers(3)
    case [7]: return attribute.numbers(8)
    default: throw WireMessage.Malformed(reason: "an attribute of type \(attribute.numbers(20))")
    }
  }

  /// Name, element type and dimensions of the graph's inputs (field 11) or outputs (12).
  func values(_ field: Int) throws -> [String] {
    try graph.messages(field).map { value in
      let tensor = try value.message(2).message(1)
      let dimensions = try tensor.message(2).messages(1).map {
        try $0.numbers(1).first.map(String.init) ?? $0.text(2)
      }
      return "\(try value.text(1)) \(tensor.numbers(1)) \(dimensions.joined(separator: "×"))"
    }
  }
}
