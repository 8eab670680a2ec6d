/// The reason why a classifier can't be made of a network, a preset and labels.
public struct ClassifierError: Error, Sendable, CustomStringConvertible {
  /// The kind of failure, for callers that act on it.
  public enum Code: Sendable, Equatable {
    /// The number of labels is not the network's number of classes.
    case labelCount
    /// The network's input has neither three channels nor one.
    case unsuitableChannels
    /// The crop is not a multiple of 32 pixels, or larger than the resized image.
    case unsuitableCrop
    /// A length is out of range or a standard deviation is 0.
    case unsuitablePreset
    /// The weights file describes its classes or its preprocessing in a way that can't be read.
    case unreadableDescription
  }

  /// The kind of failure.
  public let code: Code
  /// One line: what was found and what was expected.
  public let message: String
  /// The underlying error, if there is one.
  public let cause: (any Error)?

  /// The message.
  public var description: String { message }

  package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    (self.code, self.message, self.cause) = (code, message, cause)
  }
}
