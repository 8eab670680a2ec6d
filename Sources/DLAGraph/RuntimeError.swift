/// Why a network could not be planned or run.
public struct RuntimeError: Error, Sendable, CustomStringConvertible {
  /// What kind of failure it is.
  public enum Code: Sendable {
    /// The system refused memory.
    case outOfMemory
    /// The images have a size or number of channels that the network can't take.
    case unsuitableInput
    /// A batch norm's variance is negative.
    case brokenWeights
    /// The machine lacks the instruction set that was asked for.
    case missingInstructionSet
    /// Threads and streams do not fit together.
    case unsuitableConfiguration
  }

  /// What kind of failure it is.
  public let code: Code
  /// One line: what was found, what was expected, what to do.
  public let message: String

  /// Describes a failure.
  ///
  /// - Parameters:
  ///   - code: what kind of failure it is.
  ///   - message: one line: what was found, what was expected, what to do.
  public init(code: Code, message: String) {
    self.code = code
    self.message = message
  }

  /// The message.
  public var description: String { message }
}
