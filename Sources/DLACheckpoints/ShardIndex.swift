import DLASystem
import DLAText

/// The index of a model in several files, for instance `model.safetensors.index.json`.
///
/// `{"metadata": …, "weight_map": {TENSOR: FILE}}`, as `save_torch_state_dict` of huggingface_hub
/// writes it; the files lie beside it.
struct ShardIndex {
  /// The file of each tensor.
  private var files: [ExactText: ExactText] = [:]

  /// The most bytes of an index that are read.
  private static let largestSize = 1 << 24
  private static let maxTensors = 1 << 17
  private static let maxFiles = 1 << 10

  /// True for the text of an index.
  static func isIndex(_ file: UnsafeRawBufferPointer) -> Bool {
    !SafetensorsHeader.isAt(startOf: file) && file.count <= largestSize
      && file.first { ![0x09, 0x0A, 0x0D, 0x20].contains($0) } == UInt8(ascii: "{")
      && file.firstRange(of: Array("\"weight_map\"".utf8)) != nil
  }

  init(_ file: UnsafeRawBufferPointer) throws(Fault) {
    var scanner = JSONScanner(file)
    var isFirst = true
    try scanner.expect("{")
    while try scanner.advance(until: "}", isFirst: &isFirst) {
      guard try scanner.key() == "weight_map" else {
        try scanner.skipValue()
        continue
      }
      var isFirst = true
      try scanner.expect("{")
      while try scanner.advance(until: "}", isFirst: &isFirst) {
        // As in Python, the last of several values counts.
        files[try scanner.key()] = ExactText(try scanner.string())
        guard files.count <= Self.maxTensors else {
          throw Fault("it has more than \(Self.maxTensors) tensors")
        }
      }
    }
    guard scanner.isAtEnd() else { throw Fault("text follows at byte \(scanner.position)") }
    let names = Set(files.values)
    guard !names.isEmpty, names.count <= Self.maxFiles else {
      throw Fault("it names \(counted(names.count, "file")), expected are 1 to \(Self.maxFiles)")
    }
    for name in names where name.text.utf8.contains(where: { [0, UInt8(ascii: "/")].contains($0) })
    {
      throw Fault("the file \(printable(name.text)) does not lie beside it")
    }
  }

  /// Opens the files and takes all of their tensors, which must be those of the index.
  ///
  /// - Returns: the tensors, and the files that hold them, in the order of their names.
  /// - Throws: `CheckpointError` if a file can't be read, is itself an index or has other tensors.
  func contents(
    path: String
  ) throws(CheckpointError) -> (contents: CheckpointContents, files: [MappedFile]) {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    let folder = slash.map { String(path[...$0]) } ?? ""
    var joined: CheckpointContents?
    var mappings: [MappedFile] = []
    var found: Set<ExactText> = []
    for name in Set(files.values).sorted(by: { $0.text < $1.text }) {
      let mapping = try CheckpointFile.mapping(of: folder + name.text)
      do throws(Fault) {
        var shard = try CheckpointContents(file: mapping.bytes)
        for tensor in shard.tensors {
          guard files[ExactText(tensor.name)] == name else {
            throw Fault("tensor \(printable(tensor.name)) is not one that the index has of it")
          }
          found.insert(ExactText(tensor.name))
        }
        shard.tensors = try shard.tensors.map { tensor throws(Fault) in
          try tensor.located(in: mapping)
        }
        guard let first = joined else {
          joined = shard
          mappings.append(mapping)
          continue
        }
        guard first.format == shard.format else {
          throw Fault(
            "its format is \(shard.format.rawValue), that before \(first.format.rawValue)")
        }
        joined?.tensors += shard.tensors
        joined?.metadata.merge(shard.metadata) { first, _ in first }
      } catch {
        throw CheckpointError(error, in: printablePath(folder + name.text))
      }
      mappings.append(mapping)
    }
    if let (tensor, file) = files.first(where: { !found.contains($0.key) }) {
      throw CheckpointError(
        Fault("\(printable(file.text)) lacks tensor \(printable(tensor.text))"),
        in: printablePath(path))
    }
    return (joined ?? CheckpointContents(format: .safetensors), mappings)
  }
}

extension StoredTensor {
  /// The tensor with the file that its parts lie in.
  fileprivate func located(in mapping: MappedFile) throws(Fault) -> StoredTensor {
    let parts = try parts.map { part throws(Fault) in
      switch part {
      case .file(let range): Part.shard(mapping, range)
      case .memory, .shard: part
      case .latin1: throw Fault("tensor \(printable(name)) stands as text", code: .unsupported)
      }
    }
    return StoredTensor(name: name, dataType: dataType, shape: shape, parts: parts, layout: layout)
  }
}
