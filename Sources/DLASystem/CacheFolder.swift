/// Files that can be made again, in a folder that is kept below a size.
///
/// Processes may share the folder: a file appears whole under its name or not at all, is never
/// written to afterwards, and goes only by being removed or replaced by another, so those who have
/// it mapped keep the bytes they found. Whatever the system refuses is a file that isn't there.
package struct CacheFolder: Sendable {
  /// The folder; it is made with the first file.
  package let path: String
  /// How the names of its files end; others in the folder are let alone.
  package let suffix: String
  /// Bytes of all files together.
  package let limit: Int

  /// Seconds after which a file that is still being written belongs to nobody: its writer was ended.
  private static let patience = 3600

  /// Describes a folder.
  ///
  /// - Parameters:
  ///   - path: the folder.
  ///   - suffix: how the names of its files end.
  ///   - limit: bytes of all files together.
  package init(path: String, suffix: String, limit: Int) {
    self.path = path
    self.suffix = suffix
    self.limit = limit
  }

  /// Its files and their bytes.
  package var size: (files: Int, bytes: Int) {
    let files = Folder.files(of: path).filter { $0.name.hasSuffix(suffix) }
    return (files.count, files.reduce(0) { $0 + $1.bytes })
  }

  /// Maps a file.
  ///
  /// - Parameter name: its name without the suffix.
  /// - Returns: the file, nil if there is none that can be read.
  package func file(_ name: String) -> MappedFile? { try? MappedFile(path: location(name)) }

  /// Notes that a file was of use, so that others are removed before it.
  package func touch(_ name: String) { Folder.touch(location(name)) }

  /// Writes or replaces a file, for which those that were not used for longest have to make room.
  ///
  /// - Parameters:
  ///   - name: its name without the suffix.
  ///   - parts: its bytes, one part after another.
  /// - Returns: whether the file is there now; otherwise the folder is full, read-only or no folder.
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

  /// Removes the files that were not used for longest, and what ended writers left behind.
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

/// The folder of everything that may be kept for the user who runs the program.
///
/// `DLA_CACHE` names it or is `off`, in any case. Otherwise it is `swift-dla` in `XDG_CACHE_HOME` or in the home's
/// `.cache`, on macOS in `Library/Caches`.
///
/// - Parameter variable: the value of an environment variable, nil if it is not set.
/// - Returns: the folder, which need not exist; nil if it is turned off or there is no home.
package func userCacheFolder(_ variable: (String) -> String?) -> String? {
  func value(_ name: String) -> String? {
    variable(name).flatMap { $0.isEmpty ? nil : $0 }
  }
  if let folder = value("DLA_CACHE") { return folder.lowercased() == "off" ? nil : folder }
  #if canImport(Darwin)
    let caches = "Library/Caches"
  #else
    let caches = ".cache"
  #endif
  // Its specification has relative paths ignored.
  let named = value("XDG_CACHE_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil }
  return (named ?? value("HOME").map { "\($0)/\(caches)" }).map { "\($0)/swift-dla" }
}
