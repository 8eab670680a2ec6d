/// Why an image could not be read or prepared.
public struct ImageError: Error, Sendable, CustomStringConvertible {
  /// The kind of failure, for callers that act on it.
  public enum Code: Sendable, Equatable {
    /// The file is missing, is a directory, or the system refused to read it.
    case unreadable
    /// There are no bytes.
    case empty
    /// The content is none of the formats that are read.
    case unknownFormat
    /// The format is read, but not this use of it, for instance an animation.
    case unsupported
    /// The file or the image is larger than the limits.
    case tooLarge
    /// The data end too early.
    case truncated
    /// The data contradict the format.
    case corrupt
    /// The image is smaller than the crop after resizing.
    case smallerThanCrop
    /// The image could not be written in the format that was asked for.
    case unencodable
  }

  /// The kind of failure.
  public let code: Code
  /// One line: the file, what was found, what was expected, what to do.
  public let message: String
  /// The error underneath, where there is one.
  public let cause: (any Error)?

  /// Makes an error.
  ///
  /// - Parameters:
  ///   - code: the kind of failure.
  ///   - message: one line that starts with the file's name.
  ///   - cause: the error underneath.
  public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  /// The message.
  public var description: String { message }
}
