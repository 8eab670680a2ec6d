/// Why a training can't be set up or continued.
public struct TrainingError: Error, Sendable, CustomStringConvertible {
  /// The kind of failure, for callers that act on it.
  public enum Code: Sendable, Equatable {
    /// A name is no part of the network.
    case unknownPart
    /// A number is outside its range, or numbers of a schedule contradict each other.
    case unsuitableNumber
    /// What was saved belongs to another network or optimizer.
    case unsuitableState
    /// Batches have a shape that the network can't be trained with.
    case unsuitableBatch
    /// There is nothing to learn from: no images, or images of one class alone.
    case unsuitableData
    /// The loss or a weight is infinite or no number.
    case diverged
    /// A file of a log holds what no training wrote, or less than it should.
    case unsuitableLog
  }

  /// The kind of failure.
  public let code: Code
  /// One line: what was found, what was expected, what to do.
  public let message: String

  /// Describes a failure.
  ///
  /// - Parameters:
  ///   - code: the kind of failure.
  ///   - message: one line: what was found, what was expected, what to do.
  public init(code: Code, message: String) {
    self.code = code
    self.message = message
  }

  /// The message.
  public var description: String { message }
}
