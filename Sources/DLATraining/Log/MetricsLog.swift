import DLACheckpoints
import DLASystem
import DLAText

/// What a `metrics.jsonl` holds.
package struct MetricsLog: Sendable {
  /// The entries, in the order of the file.
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
  /// - Parameter path: the file.
  /// - Throws: `FileError` if it can't be read; `TrainingError` with the code `.unsuitableLog` if one
  ///   of its lines is no entry.
  package init(path: String) throws {
    let file = try MappedFile(path: path)
    defer { withExtendedLifetime(file) {} }
    try self.init(file.bytes, name: path)
  }

  /// Reads the bytes of a file.
  ///
  /// - Parameters:
  ///   - bytes: all of the file.
  ///   - name: what errors call it.
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
