import DLASystem
import DLATensor
import DLAText

/// A weights file of any format in ``CheckpointFormat``, detected from the file's contents.
///
/// Opening reads only the description of the tensors; elements are read tensor by tensor. Every length
/// and offset is checked before it is used, nothing that a file names is executed, and memory is
/// bounded, so a broken or hostile file can only cause a ``CheckpointError``.
public final class CheckpointFile: Sendable {
  /// One tensor of the file.
  public struct Entry: Sendable {
    let stored: StoredTensor

    /// The name, as the file has it.
    public var name: String { stored.name }
    /// The encoding of the elements.
    public var dataType: DataType { stored.dataType }
    /// The length of each dimension; empty for a single number.
    public var shape: [Int] { stored.shape }
    /// The number of elements.
    public var count: Int { stored.byteCount / dataType.byteCount }

    /// The elements' bytes in the file, if they are contiguous and in C order.
    package var fileRange: Range<Int>? {
      guard stored.layout == nil, stored.parts.count == 1, case .file(let range) = stored.parts[0]
      else { return nil }
      return range
    }
  }

  /// The name of the file in messages.
  public let name: String
  /// The format.
  public let format: CheckpointFormat
  /// The `__metadata__` of a safetensors file; for others `dictionary`, the path of the
  /// only dictionary that holds tensors, if there are others around it.
  public let metadata: [String: String]
  /// The text of `config.json` beside weights that are named as on the Hugging Face hub; nil if there
  /// is none.
  package let configuration: [UInt8]?
  /// All tensors; those of a safetensors file in the order of their data, others in the file's.
  public let entries: [Entry]

  private let positions: [ExactText: Int]
  /// The whole file; valid while `owner` lives, and never written to.
  nonisolated(unsafe) let bytes: UnsafeRawBufferPointer
  let owner: Owner

  enum Owner: Sendable {
    /// A file, and those that it names if it is an index.
    case mapping(MappedFile, shards: [MappedFile])
    case copy(ByteCopy)
    case process
  }

  /// Maps a file into memory and checks the description of its tensors.
  ///
  /// The file must not be made shorter while this object lives; see `MappedFile`.
  ///
  /// - Parameter path: a regular file; the index of a model in several files, such as
  ///   `model.safetensors.index.json`, stands for all of them; a folder stands for the weights in it
  ///   that are named as on the Hugging Face hub.
  /// - Throws: `CheckpointError`: `.unreadable` if it cannot be opened, `.malformed` or
  ///   `.unsupported` if it is not a checkpoint that this library reads.
  public convenience init(path: String) throws(CheckpointError) {
    let path = try HubFolder.weights(at: path)
    let configuration = try HubFolder.configuration(beside: path)
    let mapping = try Self.mapping(of: path)
    guard ShardIndex.isIndex(mapping.bytes) else {
      try self.init(
        mapping.bytes, owner: .mapping(mapping, shards: []), name: path,
        configuration: configuration)
      return
    }
    let index: ShardIndex
    do {
      index = try ShardIndex(mapping.bytes)
    } catch {
      throw CheckpointError(error, in: printablePath(path))
    }
    let (contents, shards) = try index.contents(path: path)
    try self.init(
      mapping.bytes, owner: .mapping(mapping, shards: shards), name: path, contents: contents,
      configuration: configuration)
  }

  static func mapping(of path: String) throws(CheckpointError) -> MappedFile {
    do {
      return try MappedFile(path: path)
    } catch {
      throw CheckpointError(.unreadable, error)
    }
  }

  /// Checks a file that is part of the program, for instance a model embedded in it.
  ///
  /// - Parameters:
  ///   - bytes: the whole file; it must stay valid and unchanged as long as the process lives.
  ///   - name: the name in messages.
  /// - Throws: `CheckpointError` as `init(path:)` does.
  public convenience init(bytes: UnsafeRawBufferPointer, name: String) throws(CheckpointError) {
    try self.init(bytes, owner: .process, name: name)
  }

  /// Checks a file that was read or received.
  ///
  /// - Parameters:
  ///   - contents: the whole file; it is copied.
  ///   - name: the name in messages.
  /// - Throws: `CheckpointError` as `init(path:)` does.
  public convenience init(contents: [UInt8], name: String) throws(CheckpointError) {
    let copy = ByteCopy(contents)
    try self.init(copy.bytes, owner: .copy(copy), name: name)
  }

  private init(
    _ bytes: UnsafeRawBufferPointer, owner: Owner, name: String,
    contents: CheckpointContents? = nil,
    configuration: [UInt8]? = nil
  ) throws(CheckpointError) {
    self.configuration = configuration
    self.name = printablePath(name)
    (self.bytes, self.owner) = (bytes, owner)
    do {
      let contents = if let contents { contents } else { try CheckpointContents(file: bytes) }
      format = contents.format
      metadata = contents.metadata
      entries = contents.tensors.map(Entry.init)
    } catch {
      throw CheckpointError(error, in: self.name)
    }
    positions = Dictionary(
      zip(entries.lazy.map { ExactText($0.name) }, entries.indices), uniquingKeysWith: { $1 })
  }

  /// Finds a tensor.
  ///
  /// - Parameter name: its name, byte for byte.
  /// - Returns: the tensor, or nil if the file has none of that name.
  public func entry(named name: String) -> Entry? {
    positions[ExactText(name)].map { entries[$0] }
  }

  /// A hash of the whole file as it is now, and of the files that it names if it is an index.
  ///
  /// It is read at the speed of memory, and its pages are given back.
  ///
  /// - Returns: the hash; nil if the file was not opened by its path.
  package func contentHash() -> UInt64? {
    guard case .mapping(let mapping, let shards) = owner else { return nil }
    let hashes = ([mapping] + shards).map { xxHash64($0.bytes, passed: $0.releasePages) }
    return hashes.count == 1 ? hashes[0] : hashes.withUnsafeBytes { xxHash64($0) }
  }

  func requiredEntry(_ name: String) throws(CheckpointError) -> Entry {
    guard let entry = entry(named: name) else {
      throw CheckpointError(.missingTensor, "\(self.name): there is no tensor \(printable(name))")
    }
    return entry
  }
}
