import DLASystem

/// A training's curves for TensorBoard, in a file that a resumed training goes on with.
package struct TensorBoardFile {
  /// What trainings call the file.
  ///
  /// Readers look for `.tfevents.` and expect a number after it. Others write the time there and the
  /// host's name behind it; this one stays the same, so that a resumed training finds its file.
  package static let name = "events.out.tfevents.0.dla"

  private let file: GrowingFile

  /// Opens the file, which is made if it is missing.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - wallTime: seconds since 1970, for a new file's first event.
  /// - Throws: `FileError` if it can't be written to, or is not a regular file of this user.
  package init(path: String, at wallTime: Double = Platform.secondsSince1970) throws(FileError) {
    file = try GrowingFile(path: path)
    try begin(at: wallTime)
  }

  /// Makes what was written durable.
  ///
  /// - Throws: `FileError` if the system refuses.
  package func synchronize() throws(FileError) { try file.synchronize() }

  /// Bytes that are there: what a checkpoint notes, to be given to `truncate(to:)`.
  package var byteCount: Int { file.count }

  /// Appends an entry: losses, accuracies, rate and speed of steps, and what validations say.
  ///
  /// - Parameters:
  ///   - record: the entry; numbers are rounded to float32, the format's own.
  ///   - wallTime: seconds since 1970.
  /// - Throws: `FileError` if the system refuses; nothing is appended then.
  package func append(
    _ record: TrainingRecord, at wallTime: Double = Platform.secondsSince1970
  ) throws(FileError) {
    guard let event = TensorBoardEvent.event(of: record, at: wallTime) else { return }
    try file.appendWhole(TensorBoardRecord.framed(event))
  }

  /// Removes what was written after a checkpoint, so that a resumed training writes it anew.
  ///
  /// - Parameters:
  ///   - byteCount: the bytes that were there.
  ///   - wallTime: seconds since 1970, for the first event of a file of which nothing stays.
  /// - Throws: `TrainingError` with the code `.unsuitableLog` if there are fewer, or no event ends
  ///   there; `FileError` if the system refuses.
  package func truncate(
    to byteCount: Int, at wallTime: Double = Platform.secondsSince1970
  ) throws {
    let mapping = try file.mapped()
    let isBoundary = withExtendedLifetime(mapping) {
      TensorBoardRecord.isBoundary(byteCount, of: $0.bytes)
    }
    try file.requirePlace(byteCount, isBoundary: isBoundary)
    try file.truncate(to: byteCount)
    try begin(at: wallTime)
  }

  /// Names the version where nothing is written yet.
  private func begin(at wallTime: Double) throws(FileError) {
    guard file.count == 0 else { return }
    try file.appendWhole(TensorBoardRecord.framed(TensorBoardEvent.version(at: wallTime)))
  }
}
