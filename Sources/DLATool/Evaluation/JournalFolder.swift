import DLACore

/// Where the outcomes of evaluations wait for `--resume`.
///
/// A file is named after what tells its evaluation apart. There may be several of one: whoever begins
/// anew, or beside another process, takes a file of its own and leaves the others as they are.
struct JournalFolder {
  let path: String

  /// In the user's cache folder; nil if that is turned off or there is no home.
  static var user: JournalFolder? {
    userCacheFolder(Platform.environment).map { JournalFolder(path: "\($0)/evaluations") }
  }

  private static let prefix = "evaluation-"
  private static let suffix = ".csv"
  private static let mostFiles = 100
  /// Seconds after which nobody goes on with what was interrupted.
  private static let patience = 30 * 86_400

  /// Makes the folder, and removes what was left long ago.
  func prepare() {
    Folder.create(path)
    for file in Folder.files(of: path)
    where file.modified.seconds < Folder.now - Self.patience && Self.isJournal(file.name) {
      Folder.remove("\(path)/\(file.name)")
    }
  }

  /// The files of an evaluation that are there.
  func files(of key: UInt64) -> [String] {
    (0..<Self.mostFiles).map { name(key, $0) }.filter { Folder.kind(of: $0) == .file }
  }

  /// The first file of an evaluation that no process uses and that holds nothing.
  ///
  /// - Throws: `FileError` if the folder can't be written to; `InputError` if all files are taken.
  func emptyFile(of key: UInt64, isEmpty: (GrowingFile) -> Bool) throws -> GrowingFile {
    for attempt in 0..<Self.mostFiles {
      let file = try GrowingFile(path: name(key, attempt))
      if file.tryLock(), isEmpty(file) { return file }
    }
    throw InputError(
      "\(printablePath(path)): holds \(Self.mostFiles) interrupted runs of this evaluation; go on with "
        + "one by --resume, or remove them")
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
