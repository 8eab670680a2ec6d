import DLASystem

/// `metrics.jsonl`: the log of a training, an entry a line, which a resumed training goes on with.
package struct MetricsFile {
  /// What trainings call the file.
  package static let name = "metrics.jsonl"

  private let file: GrowingFile

  /// Opens the file, which is made if it is missing.
  ///
  /// - Parameter path: the file.
  /// - Throws: `FileError` if it can't be written to, or is not a regular file of this user.
  package init(path: String) throws(FileError) { file = try GrowingFile(path: path) }

  /// Keeps other processes that ask for the lock out, until this value goes away.
  ///
  /// - Returns: false if another process has the lock.
  package func tryLock() -> Bool { file.tryLock() }

  /// Makes what was written durable.
  ///
  /// - Throws: `FileError` if the system refuses.
  package func synchronize() throws(FileError) { try file.synchronize() }

  /// Bytes that are there: what a checkpoint notes, to be given to `truncate(to:)`.
  package var byteCount: Int { file.count }

  /// Appends an entry.
  ///
  /// - Parameter record: the entry.
  /// - Throws: `FileError` if the system refuses; nothing is appended then.
  package func append(_ record: TrainingRecord) throws(FileError) {
    try file.appendWhole(Array((record.json + "\n").utf8))
  }

  /// Removes what was written after a checkpoint, so that a resumed training writes it anew.
  ///
  /// - Parameter byteCount: the bytes that were there.
  /// - Throws: `TrainingError` with the code `.unsuitableLog` if there are fewer, or no line ends
  ///   there; `FileError` if the system refuses.
  package func truncate(to byteCount: Int) throws {
    try file.requirePlace(byteCount, isBoundary: try isLineEnd(byteCount))
    try file.truncate(to: byteCount)
  }

  private func isLineEnd(_ place: Int) throws(FileError) -> Bool {
    guard place > 0, place <= file.count else { return place == 0 }
    let mapping = try file.mapped()
    return withExtendedLifetime(mapping) { $0.bytes[place - 1] == UInt8(ascii: "\n") }
  }

  /// Reads all entries.
  ///
  /// - Returns: the entries.
  /// - Throws: `FileError` if they can't be read; `TrainingError` if a line is no entry.
  package func log() throws -> MetricsLog {
    let mapping = try file.mapped()
    defer { withExtendedLifetime(mapping) {} }
    return try MetricsLog(mapping.bytes, name: file.path)
  }
}
