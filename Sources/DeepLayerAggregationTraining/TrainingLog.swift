import DLASystem
import DLAText
import DLATraining

/// The log of a training: JSON Lines and TensorBoard files, and the means between entries.
struct TrainingLog {
  var learningRate = 0.0
  /// Sums since the last entry.
  private var lossSum = 0.0
  private var correct = 0
  private var images = 0
  private let metrics: MetricsFile
  private let events: TensorBoardFile

  /// - Throws: `FileError` if the log can't be written.
  ///   `TrainingError` if another process trains in the folder.
  init(_ folder: TrainingFolder) throws {
    metrics = try MetricsFile(path: folder.metrics)
    guard metrics.tryLock() else {
      throw TrainingError(
        code: .folderInUse,
        message: "\(printablePath(folder.path)): another process trains in this folder")
    }
    events = try TensorBoardFile(path: folder.events)
  }

  /// Flushes both files to the disk.
  ///
  /// - Throws: `FileError` if the system refuses.
  func synchronize() throws(FileError) {
    try metrics.synchronize()
    try events.synchronize()
  }

  /// Truncates the log to its length at a checkpoint, as far as it reaches.
  ///
  /// - Returns: one line if the log is shorter than that, or was changed by others; nil otherwise.
  /// - Throws: `FileError` if the system refuses.
  mutating func resume(from notes: [String: String]) throws -> String? {
    do {
      try truncate(to: notes)
      return nil
    } catch let error as TrainingError {
      return "\(error); the training continues, its curves have a gap"
    }
  }

  mutating func add(loss: Double, correct: Int, images: Int) {
    lossSum += loss * Double(images)
    self.correct += correct
    self.images += images
  }

  /// The means since the last entry, which are then reset.
  mutating func stepRecord(step: Int, epoch: Double, imagesPerSecond: Double) -> StepRecord {
    defer { (lossSum, correct, images) = (0, 0, 0) }
    return StepRecord(
      step: step, epoch: epoch, loss: lossSum / Double(max(1, images)),
      top1: Double(correct) / Double(max(1, images)), learningRate: learningRate,
      imagesPerSecond: imagesPerSecond)
  }

  /// - Throws: `FileError` if the disk is full.
  func append(_ record: TrainingRecord) throws(FileError) {
    try metrics.append(record)
    try events.append(record)
  }

  /// All entries so far.
  ///
  /// - Throws: `FileError` or `TrainingError` if they can't be read.
  func records() throws -> [TrainingRecord] { try metrics.log().records }

  /// The state of the log, for a checkpoint.
  var notes: [String: String] {
    [
      "log_loss": "\(lossSum)", "log_correct": "\(correct)", "log_images": "\(images)",
      "log_learning_rate": "\(learningRate)", "log_metrics": "\(metrics.byteCount)",
      "log_events": "\(events.byteCount)",
    ]
  }

  /// Truncates the log to its length at a checkpoint; nil empties it.
  ///
  /// - Throws: `TrainingError` if the log is shorter than that; `FileError`.
  mutating func truncate(to notes: [String: String]?) throws {
    let notes = notes ?? [:]
    func count(_ key: String) -> Int { TrainingPosition.count(key, in: notes) ?? 0 }
    lossSum = notes["log_loss"].flatMap { Double($0) } ?? 0
    correct = count("log_correct")
    images = count("log_images")
    learningRate = notes["log_learning_rate"].flatMap { Double($0) } ?? 0
    try events.truncate(to: count("log_events"))
    try metrics.truncate(to: count("log_metrics"))
  }
}
