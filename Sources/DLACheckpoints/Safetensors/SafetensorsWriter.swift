import DLASystem
import DLATensor
import DLAText

/// Writes safetensors files, tensor by tensor.
///
/// Names, types and shapes are given first and make the header; the elements follow one tensor at a
/// time, so a large model is not held twice. The file is replaced atomically when it is complete on
/// the disk; after an error an existing file is unchanged.
package struct SafetensorsWriter: Sendable {
  /// One tensor to write.
  package struct Item: Sendable, Equatable {
    /// The name.
    package let name: String
    /// The type of the stored elements.
    package let dataType: DataType
    /// The length of each dimension.
    package let shape: [Int]

    package init(name: String, dataType: DataType = .float32, shape: [Int]) {
      (self.name, self.dataType, self.shape) = (name, dataType, shape)
    }
  }

  /// The tensors in the order in which their elements are written.
  ///
  /// As in the reference implementation, types with larger elements come first, so that every
  /// tensor is aligned; tensors of one type stay in the order given.
  package let items: [Item]
  /// The `__metadata__` of the file.
  package let metadata: [String: String]

  private let header: [UInt8]
  private let sizes: [Int]

  /// Plans a file.
  ///
  /// - Throws: `CheckpointError` with `.invalidContent` if a name is used twice or reserved, a
  ///   shape is negative or too large, or a reader would refuse the header for its size.
  package init(items: [Item], metadata: [String: String] = [:]) throws(CheckpointError) {
    let sorted = items.enumerated().sorted {
      ($1.element.dataType.byteCount, $0.offset) < ($0.element.dataType.byteCount, $1.offset)
    }
    self.items = sorted.map(\.element)
    self.metadata = metadata
    sizes = try Self.checkedSizes(of: self.items)
    header = Self.header(items: self.items, sizes: sizes, metadata: metadata)
    guard header.count - 8 <= SafetensorsHeader.largestSize,
      items.count <= SafetensorsHeader.maxTensors,
      metadata.count <= SafetensorsHeader.maxMetadata,
      metadata.keys.allSatisfy({ $0.utf8.count <= SafetensorsHeader.longestMetadataKey })
    else {
      throw CheckpointError(
        .invalidContent,
        "\(items.count) tensors, \(metadata.count) entries of metadata, the longest key of "
          + "\(metadata.keys.map(\.utf8.count).max() ?? 0) bytes, or the header of "
          + "\(header.count - 8) bytes are more than readers accept")
    }
  }

  /// Writes the file.
  ///
  /// `produce` is called once for each of `items`, in that order; it appends the tensor's elements
  /// to the sink, in C order and in as many pieces as it likes.
  ///
  /// - Throws: `CheckpointError`: `.unwritable` if the system refuses, `.invalidContent` if a
  ///   tensor got fewer or more bytes than its shape takes, or `produce` threw another error, which
  ///   is then the cause. A `CheckpointError` thrown by `produce` is passed on.
  package func write(
    to path: String, _ produce: (Item, inout TensorSink) throws -> Void
  ) throws(CheckpointError) {
    do {
      try writeParts(to: ReplacementFile(path: path), produce)
    } catch {
      throw CheckpointError(writing: path, error)
    }
  }

  private func writeParts(
    to file: ReplacementFile, _ produce: (Item, inout TensorSink) throws -> Void
  ) throws {
    try header.withUnsafeBytes { try file.append($0) }
    for (item, size) in zip(items, sizes) {
      var sink = TensorSink(file: file, item: item, size: size)
      try produce(item, &sink)
      try sink.requireFull()
    }
    try file.commit()
  }

  /// Writes tensors that are in memory.
  ///
  /// Elements are rounded to `dataType`, a floating-point type. Empty `metadata` is left out.
  ///
  /// - Throws: `CheckpointError` as `init(items:metadata:)` and `write(to:_:)` do.
  /// - Precondition: `dataType` is a floating-point type.
  package static func write(
    _ tensors: [(name: String, tensor: Tensor)], as dataType: DataType = .float32,
    metadata: [String: String] = [:], to path: String
  ) throws(CheckpointError) {
    let items = tensors.map { Item(name: $0.name, dataType: dataType, shape: $0.tensor.shape) }
    let writer = try SafetensorsWriter(items: items, metadata: metadata)
    // All have one type, so the order is the one given.
    var rest = tensors[...]
    try writer.write(to: path) { _, sink in
      if let next = rest.popFirst() { try sink.append(next.tensor.elements) }
    }
  }

  private static func checkedSizes(of items: [Item]) throws(CheckpointError) -> [Int] {
    var names: Set<ExactText> = ["__metadata__"]
    var sizes: [Int] = []
    var total = 0
    for item in items {
      func invalid(_ reason: String) -> CheckpointError {
        CheckpointError(.invalidContent, "tensor \(printable(item.name)) \(reason)")
      }
      guard item.name.utf8.count <= SafetensorsHeader.longestName else {
        throw invalid("has a name of more than \(SafetensorsHeader.longestName) bytes")
      }
      guard names.insert(ExactText(item.name)).inserted else {
        throw invalid(item.name == "__metadata__" ? "has a reserved name" : "is given twice")
      }
      guard item.shape.count <= SafetensorsHeader.largestRank,
        item.shape.allSatisfy({ $0 >= 0 }),
        let size = checkedSize(of: item.shape, item.dataType), size <= Int.max / 2 - total
      else { throw invalid("has shape \(item.shape), which cannot be stored") }
      sizes.append(size)
      total += size
    }
    return sizes
  }
}

extension SafetensorsWriter {
  /// The length and the JSON that start a file, padded with spaces to a multiple of eight bytes.
  ///
  /// `items` are in the order of their data, and take `sizes` bytes; the metadata is written in the
  /// order of its keys.
  ///
  /// - Returns: the bytes before the data.
  static func header(items: [Item], sizes: [Int], metadata: [String: String]) -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let entries = metadata.sorted { $0.key < $1.key }
        .map { "\(jsonText($0.key)):\(jsonText($0.value))" }
      members.append("\"__metadata__\":{\(entries.joined(separator: ","))}")
    }
    var start = 0
    for (item, size) in zip(items, sizes) {
      let shape = item.shape.map(String.init).joined(separator: ",")
      members.append(
        "\(jsonText(item.name)):{\"dtype\":\"\(item.dataType.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(start),\(start + size)]}")
      start += size
    }
    var json = Array("{\(members.joined(separator: ","))}".utf8)
    json += Array(repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8)
    return withUnsafeBytes(of: UInt64(json.count).littleEndian) { Array($0) } + json
  }
}
