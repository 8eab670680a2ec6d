/// Cached files of one kind in one folder, whose total size is limited.
///
/// Processes may share the folder: a file appears whole under its name or not at all, is never
/// written to afterwards, and is only removed or replaced, so a process that has it mapped keeps
/// its bytes. A file that the system refuses to read or write counts as missing.
package struct CachedFiles: Sendable {
  /// The folder; it is created with the first file.
  package let path: String
  /// The suffix of the files' names; other files in the folder are not touched.
  package let suffix: String
  /// The limit of the bytes of all files together.
  package let limit: Int

  /// Seconds after which an unfinished file is removed, since its writer must have ended.
  private static let patience = 3600

  package init(path: String, suffix: String, limit: Int) {
    (self.path, self.suffix, self.limit) = (path, suffix, limit)
  }

  /// The number of files and their bytes.
  package var size: (files: Int, bytes: Int) {
    let files = Folder.files(of: path).filter { $0.name.hasSuffix(suffix) }
    return (files.count, files.reduce(0) { $0 + $1.bytes })
  }

  /// Maps a file.
  ///
  /// - Returns: the file; nil if it is missing or can't be read.
  package func file(_ name: String) -> MappedFile? { try? MappedFile(path: location(name)) }

  /// Marks a file as used, so that others are removed before it.
  package func touch(_ name: String) { Folder.touch(location(name)) }

  /// Writes or replaces a file, part after part; the least recently used files make room for it.
  ///
  /// - Returns: whether the file was written; if not, the folder is full, read-only or no folder.
  @discardableResult
  package func save(_ name: String, _ parts: [UnsafeRawBufferPointer]) -> Bool {
    let bytes = parts.reduce(0) { $0 + $1.count }
    guard bytes <= limit else { return false }
    Folder.create(path)
    do throws(FileError) {
      let file = try ReplacementFile(path: location(name))
      makeRoom(for: name + suffix, bytes: bytes)
      for part in parts { try file.append(part) }
      try file.commit()
      return true
    } catch {
      return false
    }
  }

  private func location(_ name: String) -> String { "\(path)/\(name)\(suffix)" }

  /// Removes the least recently used files, and unfinished files of writers that have ended.
  private func makeRoom(for name: String, bytes: Int) {
    let files = Folder.files(of: path)
    for file in files
    where ReplacementFile.unfinished(file.name)?.contains("\(suffix).") ?? false
      && file.modified.seconds < Folder.now - Self.patience
    {
      Folder.remove("\(path)/\(file.name)")
    }
    let others = files.filter { $0.name.hasSuffix(suffix) && $0.name != name }
    var total = others.reduce(bytes) { $0 + $1.bytes }
    for file in others.sorted(by: { $0.modified < $1.modified }) where total > limit {
      Folder.remove("\(path)/\(file.name)")
      total -= file.bytes
    }
  }
}
