import DLACheckpoints
import DLASystem
import DLAText

/// `metrics.jsonl`: the log of a training, one entry per line; a resumed training continues it.
package struct MetricsFile {
  /// The file's name in a training's folder.
  package static let name = "metrics.jsonl"

  private let file: GrowingFile

  /// Opens the file, which is made if it is missing.
  ///
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
  /// - Throws: `FileError` if the system refuses; nothing is appended then.
  package func append(_ record: TrainingRecord) throws(FileError) {
    try file.appendWhole(Array((record.json + "\n").utf8))
  }

  /// Removes entries after the first bytes, which a resumed training writes again.
  ///
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
  /// - Throws: `FileError` if they can't be read; `TrainingError` if a line is no entry.
  package func log() throws -> MetricsLog {
    let mapping = try file.mapped()
    defer { withExtendedLifetime(mapping) {} }
    return try MetricsLog(mapping.bytes, name: file.path)
  }
}

package struct MetricsLog: Sendable {
  package private(set) var records: [TrainingRecord] = []
  /// The bytes of the lines that are whole.
  package private(set) var wholeBytes = 0
  /// The bytes of a last line without an end, as a training leaves it that was killed while it wrote;
  /// 0 where all lines are whole.
  package private(set) var unfinishedBytes = 0

  /// The most bytes of a line; a training's own have less than 500.
  package static let longestLine = 4096

  /// Reads a file.
  ///
  /// - Throws: `FileError` if it can't be read; `TrainingError` with the code `.unsuitableLog` if one
  ///   of its lines is no entry.
  package init(path: String) throws {
    let file = try MappedFile(path: path)
    defer { withExtendedLifetime(file) {} }
    try self.init(file.bytes, name: path)
  }

  /// Reads the bytes of a file.
  ///
  /// - Throws: `TrainingError` with the code `.unsuitableLog` if one of its lines is no entry.
  package init(_ bytes: UnsafeRawBufferPointer, name: String) throws(TrainingError) {
    func refusal(_ reason: String) -> TrainingError {
      TrainingError(
        code: .unsuitableLog,
        message: "\(printablePath(name)), line \(records.count + 1): \(reason)")
    }
    while wholeBytes < bytes.count {
      let end = bytes.firstOffset(of: UInt8(ascii: "\n"), from: wholeBytes)
      let line = UnsafeRawBufferPointer(rebasing: bytes[wholeBytes..<(end ?? bytes.count)])
      guard line.count <= Self.longestLine else {
        throw refusal("it has \(line.count) bytes, a training writes at most \(Self.longestLine)")
      }
      guard let end else {
        unfinishedBytes = line.count
        return
      }
      do { records.append(try TrainingRecord(json: line)) } catch { throw refusal(error.text) }
      wholeBytes = end + 1
    }
  }
}

extension GrowingFile {
  /// Appends all of some bytes or none.
  ///
  /// - Throws: `FileError` if the system refuses; what arrived is removed again.
  func appendWhole(_ bytes: [UInt8]) throws(FileError) {
    let before = count
    do throws(FileError) {
      try bytes.withUnsafeBufferPointer { bytes throws(FileError) in
        try append(UnsafeRawBufferPointer(bytes))
      }
    } catch {
      // A half-written entry would corrupt the next one.
      try? truncate(to: before)
      throw error
    }
  }

  /// Checks that the file can be truncated to its size at a checkpoint, where an entry must end.
  ///
  /// - Throws: `TrainingError` if it can't.
  func requirePlace(_ place: Int, isBoundary: Bool) throws(TrainingError) {
    guard place >= 0, place <= count, isBoundary else {
      let found = place > count ? "has \(count)" : "has no end of an entry there"
      throw TrainingError(
        code: .unsuitableLog,
        message:
          "\(printablePath(path)): the checkpoint was written when it had \(place) bytes, now "
          + "it \(found)")
    }
  }
}
