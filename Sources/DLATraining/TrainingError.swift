/// Why a training can't be set up or continued.
public struct TrainingError: Error, Sendable, CustomStringConvertible {
  /// The kind of failure, for callers that act on it.
  public enum Code: Sendable, Equatable {
    /// A name is no part of the network.
    case unknownPart
    /// A number is outside its range, or numbers of a schedule contradict each other.
    case unsuitableNumber
    /// A checkpoint belongs to another network or optimizer, or is damaged.
    case unsuitableState
    /// The training to resume was started with other settings.
    case otherSettings
    /// Another process trains in the folder.
    case folderInUse
    /// There are fewer images than a batch has.
    case tooFewImages
    /// The network can't be trained with batches of this shape.
    case unsuitableBatch
    /// There is nothing to learn from: no images, or images of one class alone.
    case unsuitableData
    /// More images of an epoch are unreadable than allowed.
    case tooManyUnreadable
    /// A file is no checkpoint of a training.
    case notACheckpoint
    /// The loss or a weight is infinite or NaN.
    case diverged
    /// A log file holds entries that no training wrote, or is shorter than its checkpoint says.
    case unsuitableLog
  }

  /// The kind of failure.
  public let code: Code
  /// One line: what was found, what was expected, what to do.
  public let message: String

  /// Describes a failure.
  public init(code: Code, message: String) {
    (self.code, self.message) = (code, message)
  }

  /// The message.
  public var description: String { message }
}
