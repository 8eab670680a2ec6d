/// Why a file of settings is no recipe that can be followed.
public struct RecipeError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Kinds of failure that a caller may want to tell apart.
  public enum Code: Sendable {
    /// The system could not open or read the file.
    case unreadable
    /// The text is no YAML, or uses what isn't read here.
    case malformed
    /// A key, or a name that chooses something, is none that is known.
    case unknownName
    /// A value is of the wrong kind or out of its range.
    case unsuitableValue
    /// Something that must be there isn't.
    case missing
    /// The recipe asks for something that this library does not do.
    case unsupported
  }

  /// The kind of failure.
  public let code: Code
  /// One line: where, what was found, what was expected, what to do.
  public let message: String

  /// Describes a failure.
  ///
  /// - Parameters:
  ///   - code: the kind of failure.
  ///   - message: one line: where, what was found, what was expected, what to do.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message.
  public var description: String { message }
}
