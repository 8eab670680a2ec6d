/// One entry of a training's log: the lines of `metrics.jsonl`.
public enum TrainingRecord: Sendable, Equatable {
  /// The updates since the previous entry.
  case step(StepRecord)
  /// The result of an epoch.
  case epoch(EpochRecord)
}

/// The mean of the updates since the entry before.
public struct StepRecord: Sendable, Equatable {
  /// Updates done so far.
  public var step: Int
  /// Epochs done so far, including the fraction of the current one.
  public var epoch: Double
  /// The mean loss, in nats.
  public var loss: Double
  /// The share of images whose most probable class is the labelled one; of mixed ones, the larger's.
  public var top1: Double
  /// The learning rate of the last update.
  public var learningRate: Double
  /// Images a second.
  public var imagesPerSecond: Double

  /// Describes some updates.
  public init(
    step: Int, epoch: Double, loss: Double, top1: Double, learningRate: Double,
    imagesPerSecond: Double
  ) {
    (self.step, self.epoch, self.loss, self.top1) = (step, epoch, loss, top1)
    (self.learningRate, self.imagesPerSecond) = (learningRate, imagesPerSecond)
  }
}

/// The result of an epoch.
public struct EpochRecord: Sendable, Equatable {
  /// The result of a validation.
  public struct Validation: Sendable, Equatable {
    /// The mean cross-entropy of the labels, in nats.
    public var loss: Double
    /// The share of images whose most probable class is right.
    public var top1: Double
    /// The share of images whose class is among the five most probable.
    public var top5: Double
    /// Images that were classified.
    public var images: Int

    /// Describes an evaluation.
    public init(loss: Double, top1: Double, top5: Double, images: Int) {
      (self.loss, self.top1, self.top5, self.images) = (loss, top1, top5, images)
    }
  }

  /// Epochs done so far, this one among them.
  public var epoch: Int
  /// Updates done so far.
  public var step: Int
  /// The mean loss of the epoch's batches, in nats.
  public var loss: Double
  /// The share of the epoch's images whose most probable class was the labelled one.
  public var top1: Double
  /// The learning rate of the last update.
  public var learningRate: Double
  /// Images a second, of training alone.
  public var imagesPerSecond: Double
  /// Seconds of training, without the validation.
  public var seconds: Double
  /// Images that could not be read.
  public var unreadable: Int
  /// The validation; nil if there was none.
  public var validation: Validation?

  /// Describes an epoch.
  public init(
    epoch: Int, step: Int, loss: Double, top1: Double, learningRate: Double,
    imagesPerSecond: Double,
    seconds: Double, unreadable: Int = 0, validation: Validation? = nil
  ) {
    (self.epoch, self.step, self.loss, self.top1) = (epoch, step, loss, top1)
    (self.learningRate, self.imagesPerSecond) = (learningRate, imagesPerSecond)
    (self.seconds, self.unreadable, self.validation) = (seconds, unreadable, validation)
  }
}
