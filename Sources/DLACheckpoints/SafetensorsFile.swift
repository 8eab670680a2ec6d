import DLACore

/// A safetensors file, checked when it is opened and read tensor by tensor.
///
/// Opening touches only the header. Every length and offset is checked before it is used, so a
/// broken or hostile file gives a `CheckpointError` and nothing else; memory taken before that is
/// bounded by the size of the header.
public final class SafetensorsFile: Sendable {
  /// One tensor of the file.
  public struct Entry: Sendable, Equatable {
    /// The name, as the file has it.
    public let name: String
    /// The encoding of the elements.
    public let dataType: DataType
    /// The length of each dimension; empty for a single number.
    public let shape: [Int]
    /// Where the elements lie, in bytes from the start of the file.
    public let byteRange: Range<Int>

    /// The number of elements.
    public var count: Int { byteRange.count / dataType.byteCount }
  }

  /// What messages call the file.
  public let name: String
  /// The `__metadata__` of the file; empty if it has none.
  public let metadata: [String: String]
  /// All tensors, in the order of their data.
  public let entries: [Entry]

  private let positions: [ExactText: Int]
  /// The whole file; valid while `owner` lives, and never written to.
  nonisolated(unsafe) private let bytes: UnsafeRawBufferPointer
  private let owner: Owner

  private enum Owner: Sendable {
    case mapping(MappedFile)
    case copy(ByteCopy)
    case process
  }

  /// Maps a file into memory and checks its header.
  ///
  /// The file must not be made shorter while this object lives; see `MappedFile`.
  ///
  /// - Parameter path: a regular file.
  /// - Throws: `CheckpointError`: `.unreadable` if it cannot be opened, `.malformed` or
  ///   `.unsupported` if it is not a safetensors file that this library reads.
  public convenience init(path: String) throws(CheckpointError) {
    let mapping: MappedFile
    do {
      mapping = try MappedFile(path: path)
    } catch {
      throw CheckpointError(.unreadable, error)
    }
    try self.init(mapping.bytes, owner: .mapping(mapping), name: path)
  }

  /// Checks a file that is part of the program, for instance a model embedded in it.
  ///
  /// - Parameters:
  ///   - bytes: the whole file; it must stay valid and unchanged as long as the process lives.
  ///   - name: what messages call it.
  /// - Throws: `CheckpointError` as `init(path:)` does.
  public convenience init(
    bytes: UnsafeRawBufferPointer, name: String
  ) throws(CheckpointError) {
    try self.init(bytes, owner: .process, name: name)
  }

  /// Checks a file that was read or received.
  ///
  /// - Parameters:
  ///   - contents: the whole file; it is copied.
  ///   - name: what messages call it.
  /// - Throws: `CheckpointError` as `init(path:)` does.
  public convenience init(contents: [UInt8], name: String) throws(CheckpointError) {
    let copy = ByteCopy(contents)
    try self.init(copy.bytes, owner: .copy(copy), name: name)
  }

  private init(
    _ bytes: UnsafeRawBufferPointer, owner: Owner, name: String
  ) throws(CheckpointError) {
    self.name = printable(name, limit: .max)
    self.bytes = bytes
    self.owner = owner
    do {
      let header = try SafetensorsHeader(file: bytes)
      metadata = header.metadata
      entries = header.entries
    } catch {
      throw CheckpointError(error.code, "\(self.name): \(error.text)")
    }
    positions = Dictionary(
      uniqueKeysWithValues: zip(entries.lazy.map { ExactText($0.name) }, entries.indices))
  }

  /// Finds a tensor.
  ///
  /// - Parameter name: its name, byte for byte.
  /// - Returns: the tensor, or nil if the file has none of that name.
  public func entry(named name: String) -> Entry? {
    positions[ExactText(name)].map { entries[$0] }
  }

  /// Lends the stored bytes of a tensor.
  ///
  /// - Parameters:
  ///   - name: the tensor's name.
  ///   - body: reads the bytes, which need not be aligned; they are valid only during the call.
  /// - Returns: what `body` returns.
  /// - Throws: `CheckpointError` with `.missingTensor`, or what `body` throws.
  public func withBytes<Result>(
    named name: String, _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Result
  ) throws(CheckpointError) -> Result {
    let entry = try requiredEntry(name)
    return try body(UnsafeRawBufferPointer(rebasing: bytes[entry.byteRange]))
  }

  /// Reads a tensor as float32.
  ///
  /// - Parameters:
  ///   - name: the tensor's name.
  ///   - releasingPages: whether the memory of the file's pages that only this tensor covers is
  ///     given back afterwards, so that a model is not held twice; they are read again on demand.
  /// - Returns: its elements in C order; float64 ones are rounded to nearest.
  /// - Throws: `CheckpointError`: `.missingTensor`, or `.unsupported` if it holds no floating-point
  ///   numbers.
  public func floats(
    named name: String, releasingPages: Bool = false
  ) throws(CheckpointError) -> [Float] {
    let entry = try requiredEntry(name)
    guard let floats = floatsDecoded(from: bytes[entry.byteRange], entry.dataType) else {
      throw CheckpointError(
        .unsupported,
        "\(self.name): tensor \(printable(name)) is \(entry.dataType.rawValue), "
          + "expected F32, F16, BF16 or F64")
    }
    if releasingPages, case .mapping(let mapping) = owner {
      mapping.releasePages(of: entry.byteRange)
    }
    return floats
  }

  /// Reads a tensor as float32 with its shape.
  ///
  /// - Parameters:
  ///   - name: the tensor's name.
  ///   - releasingPages: as for `floats(named:releasingPages:)`.
  /// - Returns: the tensor.
  /// - Throws: `CheckpointError` as `floats(named:releasingPages:)` does.
  public func tensor(
    named name: String, releasingPages: Bool = false
  ) throws(CheckpointError) -> Tensor {
    let elements = try floats(named: name, releasingPages: releasingPages)
    return Tensor(shape: try requiredEntry(name).shape, elements: elements)
  }

  /// A hash of the whole file as it is now, read at the speed of memory; its pages are given back.
  ///
  /// - Returns: the hash; nil if the file was not opened by its path.
  package func contentHash() -> UInt64? {
    guard case .mapping(let mapping) = owner else { return nil }
    return xxHash64(bytes, passed: mapping.releasePages)
  }

  private func requiredEntry(_ name: String) throws(CheckpointError) -> Entry {
    guard let entry = entry(named: name) else {
      throw CheckpointError(.missingTensor, "\(self.name): there is no tensor \(printable(name))")
    }
    return entry
  }
}

/// Bytes at an address that does not change.
private final class ByteCopy: Sendable {
  /// Written only by `init`.
  nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

  init(_ contents: [UInt8]) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: contents.count, alignment: 16)
    buffer.copyBytes(from: contents)
    bytes = UnsafeRawBufferPointer(buffer)
  }

  deinit { bytes.deallocate() }
}
