import DLATraining

/// What a training tells while it runs.
public enum TrainingEvent: Sendable {
  /// A batch was learned.
  case progress(TrainingProgress)
  /// Validation goes on; so many images are done.
  case validating(images: Int)
  /// An entry of the log was written.
  case logged(TrainingRecord)
  /// A checkpoint was written.
  case saved(updates: Int)
  /// Something to know that does not stop the training: one line.
  case warning(String)
}

/// Where a training is.
public struct TrainingProgress: Sendable {
  /// The epoch at work, from 1.
  public let epoch: Int
  /// Batches of it that are done.
  public let batch: Int
  /// Updates done so far.
  public let updates: Int
  /// The mean loss of the epoch so far, in nats.
  public let loss: Double
  /// The share of the epoch's images whose most probable class was the labelled one.
  public let top1: Double
  /// The learning rate of the last update.
  public let learningRate: Double
  /// Images a second, since this process began to train.
  public let imagesPerSecond: Double
}
