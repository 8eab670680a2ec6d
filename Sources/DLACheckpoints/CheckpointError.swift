import DLASystem
import DLAText

/// The reason why a checkpoint could not be read, written or used.
public struct CheckpointError: Error, Sendable, CustomStringConvertible {
  /// The kind of failure, for callers that act on it.
  public enum Code: Sendable, Equatable {
    /// The system could not open, map or read the file.
    case unreadable
    /// The system could not write the file.
    case unwritable
    /// The file breaks the rules of its format, or was cut short.
    case malformed
    /// The file is sound but uses something this library does not.
    case unsupported
    /// The file has no tensor of the name asked for.
    case missingTensor
    /// The tensors are not those of the model.
    case wrongModel
    /// The tensors are those of another model than the one named.
    case otherModel
    /// The tensors are those of no model.
    case unknownModel
    /// The levels are those of a model, but there is no classifier.
    case missingClassifier
    /// No network lies under the prefix asked for.
    case unknownPart
    /// Only the number of classes differs from the model's.
    case wrongClassCount
    /// A weight is infinite or not a number.
    case nonFinite
    /// A weight is too large for float16.
    case float16Overflow
    /// The content to write is not a valid checkpoint, or could not be produced.
    case invalidContent
  }

  /// The kind of failure.
  public let code: Code
  /// One line: the file, what was found, what was expected and what to do.
  public let message: String
  /// The underlying error, if there is one.
  public let cause: (any Error)?

  /// The message.
  public var description: String { message }

  /// Describes a failure.
  ///
  /// - Parameters:
  ///   - code: the kind of failure.
  ///   - message: one line: the file, what was found, what was expected and what to do.
  ///   - cause: the underlying error.
  public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    (self.code, self.message, self.cause) = (code, message, cause)
  }
}

extension CheckpointError {
  /// A failed system call on a file.
  init(_ code: Code, _ error: FileError) {
    self.init(code, "\(printablePath(error.path)): \(error.reason)", cause: error)
  }

  /// The reason why a file was not written; a `CheckpointError` stays as it is.
  init(writing path: String, _ error: any Error) {
    switch error {
    case let error as CheckpointError: self = error
    case let error as FileError: self.init(.unwritable, error)
    default:
      self.init(
        .invalidContent, "\(printablePath(path)) is not written: \(error)", cause: error)
    }
  }

  init(_ fault: Fault, in file: String) {
    let code: Code =
      switch fault.code {
      case .malformed: .malformed
      case .unsupported: .unsupported
      }
    self.init(code, "\(file): \(fault.text)")
  }
}
