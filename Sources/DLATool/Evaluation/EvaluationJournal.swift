import DLAData
import DLASystem
import DLAText
import DeepLayerAggregation

/// The outcomes of an evaluation in a file, row by row: the source of the results, and the state that an
/// interrupted evaluation continues from.
final class EvaluationJournal {
  private(set) var count = 0
  /// The number of outcomes of the process that this one resumes.
  private(set) var earlierCount = 0
  /// True if a later process can resume it.
  let isKept: Bool

  private let file: GrowingFile
  private let table: OutcomeTable
  /// Other interrupted journals of the same evaluation, locked by this process.
  private let interrupted: [JournalFolder.Entry]

  /// Opens the journal of an evaluation; `key` is a hash of model, weights, data and settings.
  ///
  /// - Throws: `UsageError` if there is no folder to resume from; `InputError` if another process runs
  ///   the same evaluation; `FileError` if a journal can't be read.
  init(key: UInt64, classes: ClassNames, folder: JournalFolder?, isResumed: Bool) throws {
    table = OutcomeTable(classes: classes)
    folder?.prepare()
    let (free, areInUse) = try folder?.entries(of: key, table) ?? ([], false)
    let longest = free.filter { $0.count > 0 }.max { $0.count < $1.count }
    if isResumed {
      try Self.requireResumable(folder, isUsedByOthers: areInUse && free.isEmpty)
      if longest == nil { Console.warn("there is nothing to resume; starting at the first image") }
    } else if let longest {
      Console.warn(
        "an earlier run of this evaluation stopped after \(counted(longest.count, "image", "images")); "
          + "starting from the beginning, pass --resume to continue it")
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
      throw UsageError("--resume needs a cache folder; DLA_CACHE is off or there is no home folder")
    }
    guard !isUsedByOthers else {
      throw InputError("another process runs this evaluation; wait for it, or stop it")
    }
  }

  /// A new file; nil if none can be created.
  private static func newFile(_ folder: JournalFolder?, _ key: UInt64) -> GrowingFile? {
    guard let folder else { return nil }
    do throws(FileError) {
      return try folder.newFile(of: key)
    } catch {
      Console.warn("\(error); this run can't be resumed if it is interrupted")
      return nil
    }
  }

  private static var temporaryFolder: String {
    Platform.environment("TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
  }

  /// Counts the complete rows and truncates the file behind them.
  private func takeWholeRows() throws(FileError) {
    let outcomes = try outcomes()
    while outcomes.next() != nil { count += 1 }
    try file.truncate(to: count > 0 ? outcomes.wholeBytes : 0)
    if count == 0 { try write(OutcomeTable.header) }
    earlierCount = count
  }

  /// Appends an outcome, which survives the end of this process.
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
  /// - Throws: the errors of `body`; `InputError` if the file was changed.
  func read(_ body: (Outcome) throws -> Void) throws {
    let outcomes = try outcomes()
    var read = 0
    while let outcome = outcomes.next() {
      try body(outcome)
      read += 1
    }
    guard read == count else {
      throw InputError(
        "\(printablePath(file.path)): \(read) of \(count) results can be read; was the file changed?"
      )
    }
  }

  /// Copies the table to another file atomically.
  func copy(to path: String) throws {
    let copy = try ReplacementFile(path: path)
    let mapping = try file.mapped()
    try copy.append(mapping.bytes)
    withExtendedLifetime(mapping) {}
    try copy.commit()
  }

  func remove() { if isKept { Folder.remove(file.path) } }

  /// Removes journals of the same evaluation that are not longer.
  func removeShorter() {
    for entry in interrupted where entry.count <= count { Folder.remove(entry.file.path) }
  }
}

final class Outcomes: IteratorProtocol {
  private let mapping: MappedFile
  private var reader: OutcomeTable.Reader
  private var released = 0

  /// Bytes after which pages are released.
  private static let chunk = 4 << 20

  init(_ file: GrowingFile, _ table: OutcomeTable) throws(FileError) {
    mapping = try file.mapped()
    reader = table.reader(mapping.bytes)
  }

  /// The number of outcomes in a file; 0 if it is no journal.
  static func count(_ file: GrowingFile, _ table: OutcomeTable) throws(FileError) -> Int {
    let outcomes = try Outcomes(file, table)
    var count = 0
    while outcomes.next() != nil { count += 1 }
    return count
  }

  /// The length of the complete rows read so far, in bytes.
  var wholeBytes: Int { reader.wholeBytes }

  func next() -> Outcome? {
    let outcome = reader.next()
    if reader.wholeBytes - released >= Self.chunk {
      mapping.releasePages(of: released..<reader.wholeBytes)
      released = reader.wholeBytes
    }
    return outcome
  }
}
