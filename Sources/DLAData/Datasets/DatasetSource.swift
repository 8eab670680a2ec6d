import DLAArchive
import DLASystem
import DLAText

/// The location of a dataset and options for reading it.
public struct DatasetSource: Sendable {
  /// A folder of class folders or of shards, a list, a table, a shard, or a pattern of shards.
  public var path: String
  /// The folder that relative paths of lists start from; nil for the list's own.
  public var imageRoot: String?
  /// The ASCII character between path and label in a list; nil for the last tab or space.
  public var delimiter: Character?
  /// The column of a table that holds paths; nil for the first usual one.
  public var imageColumn: String?
  /// The column of a table that holds labels; nil for the first usual one.
  public var labelColumn: String?

  /// Describes where a dataset is.
  ///
  /// - Parameters:
  ///   - path: a folder of class folders or of shards, a list, a table, a shard, or a pattern of
  ///     shards such as `shard-{000..123}.tar`.
  ///   - imageRoot: where relative paths of lists begin; nil for the folder that the list is in.
  ///   - delimiter: the ASCII character between path and label in a list; nil for the last tab or
  ///     space.
  ///   - imageColumn: the column of a table that holds paths; nil for the first usual one.
  ///   - labelColumn: the column of a table that holds labels; nil for the first usual one.
  public init(
    _ path: String, imageRoot: String? = nil, delimiter: Character? = nil,
    imageColumn: String? = nil, labelColumn: String? = nil
  ) {
    (self.path, self.imageRoot, self.delimiter) = (path, imageRoot, delimiter)
    (self.imageColumn, self.labelColumn) = (imageColumn, labelColumn)
  }

  /// Detects the kind of dataset at the path and opens it.
  ///
  /// - Parameter classes: the classes of the labels.
  /// - Returns: the dataset.
  /// - Throws: `DatasetError` if there is nothing that can be read.
  public func open(classes: ClassNames) throws(DatasetError) -> any Dataset {
    switch Folder.kind(of: path) {
    case .folder:
      let shards = shardsInFolder()
      return shards.isEmpty
        ? try ClassFolderDataset(path, classes: classes)
        : try ShardDataset(shards: shards, classes: classes)
    case .file:
      return try openFile(classes)
    case nil where BracePattern.matches(path):
      return try ShardDataset(shards: BracePattern.paths(path), classes: classes)
    case nil, .brokenLink:
      throw DatasetError("\(printablePath(path)): there is no such file or folder")
    case .other:
      throw DatasetError("\(printablePath(path)): is neither a file nor a folder")
    }
  }

  /// True if a file that exists is read as a part of the dataset, so that nothing may replace it.
  ///
  /// - Parameter file: its path.
  /// - Returns: true for the list or shard itself, for a shard of the pattern, and for images and
  ///   shards anywhere in the folder.
  public func reads(_ file: String) -> Bool {
    guard Folder.kind(of: file) == .file else { return false }
    if areSameFile(file, path) { return true }
    if Folder.kind(of: path) == .folder {
      return resolvedPath(file).hasPrefix(resolvedPath(path) + "/")
        && (ImageWalk.isNamedAsImage(file) || DatasetKind.isNamedAsShard(file))
    }
    guard BracePattern.matches(path), let shards = try? BracePattern.paths(path) else {
      return false
    }
    return shards.contains { areSameFile(file, $0) }
  }

  private func openFile(_ classes: ClassNames) throws(DatasetError) -> any Dataset {
    let file = try TextFile(path: path)
    // A list with a delimiter of its own may look like a table.
    switch delimiter == nil ? DatasetKind(file) : .list {
    case .shard: return try ShardDataset(shards: [path], classes: classes)
    case .table:
      return try TextDataset<CSVFormat>(table: self, classes: classes)
    case .list:
      return try TextDataset<ListFormat>(
        list: path, imageRoot: imageRoot, delimiter: delimiter?.asciiValue, classes: classes)
    case .other(let name):
      throw DatasetError(
        "\(printablePath(path)): is \(name); a folder of class folders, a list of \"path label\" lines, "
          + "a CSV file or tar shards are expected")
    }
  }

  /// The tar files of a folder that has no folders in it.
  private func shardsInFolder() -> [String] {
    let contents = Folder.contents(of: path) ?? []
    guard !contents.contains(where: { $0.kind == .folder }) else { return [] }
    return contents.filter { $0.kind == .file && DatasetKind.isNamedAsShard($0.name) }
      .map { ImageWalk.join(path, $0.name) }
  }
}

/// The kind of dataset in a file, detected from its first bytes and then from its name.
private enum DatasetKind {
  case shard
  case table
  case list
  case other(String)

  init(_ file: TextFile) {
    let head = file.bytes.prefix(1 << 16)
    let name = file.path.lowercased()
    if TarReader.Compression.allCases.contains(where: { head.starts(with: $0.magic) })
      || head.dropFirst(257).starts(with: "ustar".utf8)
    {
      self = .shard
    } else if let known = Self.otherKinds.first(where: { head.starts(with: $0.magic) }) {
      self = .other(known.name)
    } else if Self.isNamedAsShard(name) {
      self = .shard
    } else if head.contains(0) {
      self = .other("no text")
    } else if let header = CSVHeader(file), header.names.count > 1,
      [".csv", ".tsv"].contains(where: name.hasSuffix) || header.namesImages
    {
      self = .table
    } else {
      self = .list
    }
  }

  static func isNamedAsShard(_ name: String) -> Bool {
    let endings = [
      ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tbz2", ".tar.xz", ".txz", ".tar.zst",
      ".tzst",
    ]
    return endings.contains(where: name.lowercased().hasSuffix)
  }

  private static let otherKinds: [(magic: [UInt8], name: String)] = [
    ([0xFF, 0xD8], "a JPEG image"), ([0x89, 0x50, 0x4E, 0x47], "a PNG image"),
    (Array("RIFF".utf8), "a WebP image"), (Array("PK".utf8) + [3, 4], "a zip file"),
    (Array("PAR1".utf8), "a Parquet file"),
  ]
}
