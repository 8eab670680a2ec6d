import DLACore
import DeepLayerAggregation

/// The outcomes of an evaluation on the disk, row by row: what was done when the process ends early, and
/// what the results are made of.
final class EvaluationJournal {
  /// Outcomes that are in it.
  private(set) var count = 0
  /// Whether a later process can go on with it.
  let isKept: Bool

  private let file: GrowingFile
  private let table: OutcomeTable
  private var waiting = ""
  private var lastFlush = Platform.monotonicSeconds

  private static let mostWaiting = 1 << 16
  private static let flushInterval = 1.0
  /// Seconds after which nobody goes on with what was interrupted.
  private static let patience = 30 * 86_400

  /// Opens the journal of an evaluation.
  ///
  /// - Parameters:
  ///   - key: what tells evaluations apart.
  ///   - classes: the classes.
  ///   - folder: where journals are kept; nil for nowhere.
  ///   - isResumed: whether to keep what is there.
  /// - Throws: `UsageError` if nothing is kept that could be resumed; `InputError` if another process
  ///   is at it; `FileError` if the folder can't be written to.
  init(key: UInt64, classes: ClassNames, folder: String?, isResumed: Bool) throws {
    table = OutcomeTable(classes: classes)
    isKept = folder != nil
    guard folder != nil || !isResumed else {
      throw UsageError(
        "--resume finds nothing, since DLA_CACHE is off or there is no home to keep results in")
    }
    let folder = folder ?? Platform.environment("TMPDIR") ?? "/tmp"
    Folder.create(folder)
    // Files of other folders are not ours.
    if isKept { Self.removeOld(in: folder) }
    file = try Self.file(folder, key, isShared: isKept, isResumed: isResumed)
    let isEmpty = countWholeRows() == 0
    if !isResumed, isKept, count > 0 {
      Console.warn(
        "an evaluation that was interrupted after \(counted(count, "image", "images")) is begun anew; "
          + "--resume would have gone on with it")
    }
    if !isResumed || isEmpty {
      count = 0
      try file.truncate(to: 0)
      waiting = OutcomeTable.header
      try flush()
    }
  }

  deinit { if !isKept { Folder.remove(file.path) } }

  /// The first file that no other process writes.
  private static func file(
    _ folder: String, _ key: UInt64, isShared: Bool, isResumed: Bool
  ) throws -> GrowingFile {
    let name = "\(folder)/\(isShared ? "" : "dla-")evaluation-" + String(key, radix: 16)
    for attempt in 0..<100 {
      let file = try GrowingFile(path: attempt == 0 ? "\(name).csv" : "\(name).\(attempt).csv")
      if file.tryLock() { return file }
      guard !isResumed else {
        throw InputError("this evaluation is going on in another process; wait for it, or end it")
      }
    }
    throw InputError("\(folder): a hundred processes evaluate the same there; end some of them")
  }

  private static func removeOld(in folder: String) {
    for file in Folder.files(of: folder)
    where file.name.hasPrefix("evaluation-") && file.modified.seconds < Folder.now - patience {
      Folder.remove("\(folder)/\(file.name)")
    }
  }

  /// Counts the rows that are whole and removes what follows them.
  private func countWholeRows() -> Int {
    var rows = 0
    let end = (try? withBytes { table.read($0) { _ in rows += 1 } }) ?? 0
    guard end > 0, (try? file.truncate(to: end)) != nil else { return 0 }
    count = rows
    return end
  }

  /// Adds an outcome; it is on the disk a second later.
  func append(_ outcome: Outcome) throws(FileError) {
    waiting += table.row(outcome)
    count += 1
    let isDue =
      waiting.utf8.count >= Self.mostWaiting
      || Platform.monotonicSeconds - lastFlush >= Self.flushInterval
    if isDue { try flush() }
  }

  /// Writes what waits.
  func flush() throws(FileError) {
    let bytes = Array(waiting.utf8)
    waiting = ""
    lastFlush = Platform.monotonicSeconds
    var failure: FileError?
    bytes.withUnsafeBytes { bytes in
      do throws(FileError) { try file.append(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// Reads all outcomes in order.
  func read(_ body: (Outcome) throws -> Void) throws {
    try flush()
    _ = try withBytes { try table.read($0, body) }
  }

  /// Writes the table to another file, whole or not at all.
  func copy(to path: String) throws {
    try flush()
    let copy = try ReplacementFile(path: path)
    try withBytes { try copy.append($0) }
    try copy.commit()
  }

  private func withBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    let mapping = try MappedFile(path: file.path)
    return try withExtendedLifetime(mapping) { try body(mapping.bytes) }
  }

  /// Removes the journal: nobody has to go on with it.
  func finish() { Folder.remove(file.path) }
}
