import DLAData
import DLASystem
import DeepLayerAggregation

/// Where the outcomes of evaluations wait for `--resume`.
///
/// A file is named after what tells its evaluation apart. There may be several of one: whoever begins
/// anew, or beside another process, takes a file of its own and leaves the others as they are.
struct JournalFolder {
  let path: String

  /// In the user's cache folder; nil if that is turned off or there is no home.
  static var user: JournalFolder? {
    CacheFolder.user.map { JournalFolder(path: $0.evaluations) }
  }

  private static let prefix = "evaluation-"
  private static let suffix = ".csv"
  private static let maxFiles = 100
  /// Seconds after which nobody goes on with what was interrupted.
  private static let patience = 30 * 86_400

  /// A journal that no other process uses.
  struct Entry {
    let file: GrowingFile
    /// Whole rows.
    let count: Int
  }

  /// Makes the folder, and removes what was left long ago.
  func prepare() {
    Folder.create(path)
    for file in Folder.files(of: path)
    where file.modified.seconds < Folder.now - Self.patience && Self.isJournal(file.name) {
      Folder.remove("\(path)/\(file.name)")
    }
  }

  /// The journals of an evaluation that no other process uses, and whether there are others.
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

  /// A file for another journal of an evaluation.
  ///
  /// - Throws: `FileError` if the folder can't be written to, or is full of interrupted runs.
  func newFile(of key: UInt64) throws(FileError) -> GrowingFile {
    for attempt in 0..<Self.maxFiles {
      let name = name(key, attempt)
      guard Folder.kind(of: name) == nil else { continue }
      let file = try GrowingFile(path: name)
      if file.tryLock() { return file }
    }
    throw FileError(
      path, "holds \(Self.maxFiles) interrupted runs of this evaluation; remove some")
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
