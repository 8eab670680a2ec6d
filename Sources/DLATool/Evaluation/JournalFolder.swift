import DLAData
import DLASystem
import DeepLayerAggregation

/// The folder of the journals that `--resume` continues from.
///
/// File names contain the key of the evaluation. There may be several of one evaluation: a process that
/// does not resume creates its own file and leaves the others unchanged.
struct JournalFolder {
  let path: String

  /// In the user's cache folder; nil if the cache is off or there is no home folder.
  static var user: JournalFolder? { CacheFolder.user.map { JournalFolder(path: $0.evaluations) } }

  private static let prefix = "evaluation-"
  private static let suffix = ".csv"
  private static let maxFiles = 100
  /// Seconds after which an interrupted journal is removed.
  private static let maxAge = 30 * 86_400

  /// A journal that no other process uses.
  struct Entry {
    let file: GrowingFile
    /// The number of complete rows.
    let count: Int
  }

  /// Creates the folder and removes old journals.
  func prepare() {
    Folder.create(path)
    for file in Folder.files(of: path)
    where file.modified.seconds < Folder.now - Self.maxAge && Self.isJournal(file.name) {
      Folder.remove("\(path)/\(file.name)")
    }
  }

  /// The unused journals of an evaluation, and whether other processes use more.
  ///
  /// - Throws: `FileError` if one can't be read.
  func entries(
    of key: UInt64, _ table: OutcomeTable
  ) throws(FileError) -> (free: [Entry], areInUse: Bool) {
    var free: [Entry] = []
    var areInUse = false
    for attempt in 0..<Self.maxFiles {
      let name = name(key, attempt)
      guard Folder.kind(of: name) == .file else { continue }
      let file = try GrowingFile(path: name)
      guard file.tryLock() else {
        areInUse = true
        continue
      }
      free.append(Entry(file: file, count: try Outcomes.count(file, table)))
    }
    return (free, areInUse)
  }

  /// A file for a new journal of an evaluation.
  ///
  /// - Throws: `FileError` if the folder can't be written to or has too many journals.
  func newFile(of key: UInt64) throws(FileError) -> GrowingFile {
    for attempt in 0..<Self.maxFiles {
      let name = name(key, attempt)
      guard Folder.kind(of: name) == nil else { continue }
      let file = try GrowingFile(path: name)
      if file.tryLock() { return file }
    }
    throw FileError(
      path, "contains \(Self.maxFiles) interrupted runs of this evaluation; remove some")
  }

  private func name(_ key: UInt64, _ attempt: Int) -> String {
    "\(path)/\(Self.prefix)\(String(key, radix: 16))\(attempt == 0 ? "" : ".\(attempt)")\(Self.suffix)"
  }

  private static func isJournal(_ name: String) -> Bool {
    guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return false }
    let key = name.dropFirst(prefix.count).prefix { $0 != "." }
    return UInt64(key, radix: 16) != nil
  }
}
