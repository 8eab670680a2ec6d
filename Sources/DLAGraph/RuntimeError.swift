/// An error of planning or running a network.
public struct RuntimeError: Error, Sendable, CustomStringConvertible {
  /// The kind of failure.
  public enum Code: Sendable {
    /// The system refused memory.
    case outOfMemory
    /// The images have a size or number of channels that the network can't take.
    case unsuitableInput
    /// A variance is negative, or a weight or a class score is not finite or too large.
    case brokenWeights
    /// The CPU lacks the requested instruction set.
    case missingInstructionSet
    /// Threads, streams, device and precision do not fit together.
    case unsuitableConfiguration
  }

  /// The kind of failure.
  public let code: Code
  /// One line: the finding, the expectation and the remedy.
  public let message: String

  /// Describes a failure.
  public init(code: Code, message: String) {
    (self.code, self.message) = (code, message)
  }

  /// The message.
  public var description: String { message }
}
