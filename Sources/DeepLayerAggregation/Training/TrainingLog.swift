import DLACore
import DLATraining

/// What a training writes down while it runs, and sums up in between.
struct TrainingLog {
  /// The learning rate of the last update.
  var rate = 0.0
  /// Sums since the last entry.
  private var lossSum = 0.0
  private var correct = 0
  private var images = 0
  private let metrics: MetricsFile
  private let events: TensorBoardFile

  /// - Throws: `FileError` if the log can't be written.
  init(_ folder: TrainingFolder) throws(FileError) {
    metrics = try MetricsFile(path: folder.metrics)
    events = try TensorBoardFile(path: folder.events)
  }

  /// Takes in a batch.
  mutating func add(loss: Double, correct: Int, images: Int) {
    lossSum += loss * Double(images)
    self.correct += correct
    self.images += images
  }

  /// The mean of the updates since the last entry, which begin anew.
  mutating func stepRecord(step: Int, epoch: Double, imagesPerSecond: Double) -> StepRecord {
    defer { (lossSum, correct, images) = (0, 0, 0) }
    return StepRecord(
      step: step, epoch: epoch, loss: lossSum / Double(max(1, images)),
      top1: Double(correct) / Double(max(1, images)), rate: rate,
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

  /// What a checkpoint notes, so that a training that goes on finds the log as it was then.
  var notes: [String: String] {
    [
      "log_loss": "\(lossSum)", "log_correct": "\(correct)", "log_images": "\(images)",
      "log_rate": "\(rate)", "log_metrics": "\(metrics.byteCount)",
      "log_events": "\(events.byteCount)",
    ]
  }

  /// Brings the log back to what a checkpoint noted; nil empties it.
  ///
  /// - Throws: `TrainingError` if the log is shorter than that; `FileError`.
  mutating func truncate(to notes: [String: String]?) throws {
    try metrics.truncate(to: notes?["log_metrics"].flatMap { Int($0) } ?? 0)
    try events.truncate(to: notes?["log_events"].flatMap { Int($0) } ?? 0)
    lossSum = notes?["log_loss"].flatMap { Double($0) } ?? 0
    correct = notes?["log_correct"].flatMap { Int($0) } ?? 0
    images = notes?["log_images"].flatMap { Int($0) } ?? 0
    rate = notes?["log_rate"].flatMap { Double($0) } ?? 0
  }
}
