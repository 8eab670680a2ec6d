import DLATraining

/// An event of a training.
public enum TrainingEvent: Sendable {
  /// A batch was processed.
  case progress(TrainingProgress)
  /// Validation has processed so many images.
  case validating(images: Int)
  /// An entry of the log was written.
  case logged(TrainingRecord)
  /// A checkpoint was written.
  case saved(updates: Int)
  /// A problem that does not stop the training: one line.
  case warning(String)
  /// The training ended; the last event of `Training`.
  case finished(TrainingResult)
}

/// The state of a training after a batch.
public struct TrainingProgress: Sendable {
  /// The current epoch, counted from 1.
  public let epoch: Int
  /// Batches of the epoch that are done.
  public let batch: Int
  /// Updates so far.
  public let updates: Int
  /// The mean loss of the epoch so far, in nats.
  public let loss: Double
  /// The Top-1 accuracy of the epoch so far, 0 to 1.
  public let top1: Double
  /// The learning rate of the last update.
  public let learningRate: Double
  /// Images per second since this process started to train.
  public let imagesPerSecond: Double
}
