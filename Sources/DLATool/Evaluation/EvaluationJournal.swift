import DLAData
import DLASystem
import DLAText
import DeepLayerAggregation

/// The outcomes of an evaluation on the disk, row by row: what was done when the process ends early, and
/// what the results are made of.
final class EvaluationJournal {
  /// Outcomes that are in it.
  private(set) var count = 0
  /// Outcomes of an earlier process that this one goes on with.
  private(set) var earlierCount = 0
  /// Whether a later process can go on with it.
  let isKept: Bool

  private let file: GrowingFile
  private let table: OutcomeTable
  /// Journals of the same evaluation that were interrupted; no other process touches them meanwhile.
  private let interrupted: [JournalFolder.Entry]

  /// Opens the journal of an evaluation.
  ///
  /// - Parameters:
  ///   - key: what tells evaluations apart.
  ///   - classes: the classes.
  ///   - folder: where journals are kept; nil for nowhere.
  ///   - isResumed: whether to go on with what is there.
  /// - Throws: `UsageError` if nothing is kept that could be resumed; `InputError` if another process
  ///   is at it; `FileError` if the folder can't be written to and that matters.
  init(key: UInt64, classes: ClassNames, folder: JournalFolder?, isResumed: Bool) throws {
    table = OutcomeTable(classes: classes)
    folder?.prepare()
    let (free, areInUse) = try folder?.entries(of: key, table) ?? ([], false)
    let longest = free.filter { $0.count > 0 }.max { $0.count < $1.count }
    if isResumed {
      try Self.requireResumable(folder, isUsedByOthers: areInUse && free.isEmpty)
      if longest == nil {
        Console.warn("there is nothing to go on with; beginning at the first image")
      }
    } else if let longest {
      Console.warn(
        "this evaluation was left unfinished before, after \(counted(longest.count, "image", "images"))"
          + ", and is begun anew; --resume would go on with it")
    }
    let chosen = (isResumed ? longest : nil) ?? free.first { $0.count == 0 }
    let kept = chosen?.file ?? Self.newFile(folder, key)
    file = try kept ?? GrowingFile(temporaryIn: Self.temporaryFolder)
    isKept = kept != nil
    interrupted = free.filter { $0.file !== kept }
    try takeWholeRows()
  }

  private static func requireResumable(_ folder: JournalFolder?, isUsedByOthers: Bool) throws {
    guard folder != nil else {
      throw UsageError(
        "--resume finds nothing, since DLA_CACHE is off or there is no home to keep results in")
    }
    guard !isUsedByOthers else {
      throw InputError("this evaluation is going on in another process; wait for it, or end it")
    }
  }

  /// A new file; nil where none can be kept.
  private static func newFile(_ folder: JournalFolder?, _ key: UInt64) -> GrowingFile? {
    guard let folder else { return nil }
    do throws(FileError) {
      return try folder.newFile(of: key)
    } catch {
      Console.warn("\(error); if this run is interrupted it can't be resumed")
      return nil
    }
  }

  private static var temporaryFolder: String {
    Platform.environment("TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
  }

  /// Goes on behind the rows that are whole and removes what follows them.
  private func takeWholeRows() throws(FileError) {
    let outcomes = try outcomes()
    while outcomes.next() != nil { count += 1 }
    try file.truncate(to: count > 0 ? outcomes.wholeBytes : 0)
    if count == 0 { try write(OutcomeTable.header) }
    earlierCount = count
  }

  /// Adds an outcome, which is then safe from this process's end.
  func append(_ outcome: Outcome) throws(FileError) {
    try write(table.row(outcome))
    count += 1
  }

  private func write(_ text: String) throws(FileError) {
    var text = text
    var failure: FileError?
    text.withUTF8 { bytes in
      do throws(FileError) {
        try file.append(UnsafeRawBufferPointer(bytes))
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }

  /// The outcomes in order.
  ///
  /// - Throws: `FileError` if they can't be read.
  func outcomes() throws(FileError) -> Outcomes { try Outcomes(file, table) }

  /// Reads all outcomes in order.
  ///
  /// - Throws: what `body` throws; `InputError` if some can't be read any more.
  func read(_ body: (Outcome) throws -> Void) throws {
    let outcomes = try outcomes()
    var read = 0
    while let outcome = outcomes.next() {
      try body(outcome)
      read += 1
    }
    guard read == count else {
      throw InputError(
        "\(printablePath(file.path)): \(read) of \(count) results can be read back; was the file "
          + "changed?")
    }
  }

  /// Writes the table to another file, whole or not at all.
  func copy(to path: String) throws {
    let copy = try ReplacementFile(path: path)
    let mapping = try file.mapped()
    try copy.append(mapping.bytes)
    withExtendedLifetime(mapping) {}
    try copy.commit()
  }

  /// Removes the journal: nobody has to go on with it.
  func remove() {
    if isKept { Folder.remove(file.path) }
  }

  /// Removes those of the same evaluation that hold no more.
  func removeShorter() {
    for entry in interrupted where entry.count <= count { Folder.remove(entry.file.path) }
  }
}
