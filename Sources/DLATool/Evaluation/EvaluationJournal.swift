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
  private let removeOthers: () -> Void

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
    let table = OutcomeTable(classes: classes)
    guard folder != nil || !isResumed else {
      throw UsageError(
        "--resume finds nothing, since DLA_CACHE is off or there is no home to keep results in")
    }
    folder?.prepare()
    let found = folder?.files(of: key) ?? []
    var chosen = isResumed ? try Self.longest(found, table) : nil
    if chosen == nil {
      if isResumed {
        Console.warn("there is nothing to go on with; beginning at the first picture")
      }
      chosen = try Self.fresh(key, folder, table)
    }
    guard let chosen else {
      file = try GrowingFile(temporaryIn: Self.temporaryFolder)
      isKept = false
      removeOthers = {}
      self.table = table
      try begin()
      return
    }
    file = chosen
    isKept = true
    removeOthers = { Self.remove(found, but: chosen.path) }
    self.table = table
    try takeWholeRows()
    if !isResumed { Self.tellOfInterrupted(found, but: chosen.path, table) }
  }

  private static var temporaryFolder: String {
    Platform.environment("TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
  }

  /// A new file; nil where none can be kept.
  private static func fresh(
    _ key: UInt64, _ folder: JournalFolder?, _ table: OutcomeTable
  ) throws -> GrowingFile? {
    guard let folder else { return nil }
    do {
      return try folder.emptyFile(of: key) { rows(of: $0, table).count == 0 }
    } catch let error as FileError {
      Console.warn("\(error); an interrupted run could not be resumed")
      return nil
    }
  }

  /// The file with most outcomes; nil if none has any.
  private static func longest(_ found: [String], _ table: OutcomeTable) throws -> GrowingFile? {
    let files = try found.map { try GrowingFile(path: $0) }.filter { $0.tryLock() }
    guard files.count == found.count || !files.isEmpty else {
      throw InputError("this evaluation is going on in another process; wait for it, or end it")
    }
    let rows = files.map { (file: $0, count: Self.rows(of: $0, table).count) }
    return rows.max { $0.count < $1.count }.flatMap { $0.count > 0 ? $0.file : nil }
  }

  /// How many outcomes a file holds, and how many bytes they take.
  private static func rows(of file: GrowingFile, _ table: OutcomeTable) -> (count: Int, bytes: Int)
  {
    guard let outcomes = try? Outcomes(file, table) else { return (0, 0) }
    var count = 0
    while outcomes.next() != nil { count += 1 }
    return (count, outcomes.wholeBytes)
  }

  private static func tellOfInterrupted(
    _ found: [String], but own: String, _ table: OutcomeTable
  ) {
    let others = found.filter { $0 != own }.compactMap { try? GrowingFile(path: $0) }
      .filter { $0.tryLock() }
    guard let most = others.map({ rows(of: $0, table).count }).max(), most > 0 else { return }
    Console.warn(
      "this evaluation was interrupted before, after \(counted(most, "image", "images")), and is begun "
        + "anew; --resume would go on with it")
  }

  private static func remove(_ found: [String], but own: String) {
    for path in found where path != own {
      if let file = try? GrowingFile(path: path), file.tryLock() { Folder.remove(path) }
    }
  }

  /// Goes on behind the rows that are whole and removes what follows them.
  private func takeWholeRows() throws {
    let rows = Self.rows(of: file, table)
    guard rows.count > 0 else { return try begin() }
    count = rows.count
    try file.truncate(to: rows.bytes)
  }

  private func begin() throws {
    try file.truncate(to: 0)
    try write(OutcomeTable.header)
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
      do throws(FileError) { try file.append(UnsafeRawBufferPointer(bytes)) } catch {
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
        "\(printablePath(file.path)): \(read) of \(count) results can be read back; was the file changed?"
      )
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

  /// Removes the journal, and those of the same evaluation that were interrupted: nobody has to go on
  /// with them.
  func finish() {
    guard isKept else { return }
    Folder.remove(file.path)
    removeOthers()
  }
}

/// Reads a journal from its first outcome on.
final class Outcomes: IteratorProtocol {
  private let mapping: MappedFile
  private var reader: OutcomeTable.Reader
  private var released = 0

  /// Bytes that are passed before their pages are given back.
  private static let chunk = 4 << 20

  fileprivate init(_ file: GrowingFile, _ table: OutcomeTable) throws(FileError) {
    mapping = try file.mapped()
    reader = table.reader(mapping.bytes)
  }

  /// The bytes of the rows that are whole up to here.
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
