import DLASystem
import DLAText

/// Why a checkpoint could not be read, written or used.
public struct CheckpointError: Error, Sendable, CustomStringConvertible {
  /// Kinds of failure that a caller may want to tell apart.
  public enum Code: Sendable {
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
    /// Only the classifier at the end differs from the model's: it has another number of classes.
    case wrongClassCount
    /// A weight is infinite or not a number.
    case nonFinite
    /// What was to be written is not a valid checkpoint, or could not be produced.
    case invalidContent
  }

  /// The kind of failure.
  public let code: Code
  /// One line: the file, what was found, what was expected and what to do.
  public let message: String
  /// The error below, if one led to this.
  public let cause: (any Error)?

  /// The message.
  public var description: String { message }

  /// Describes a failure.
  ///
  /// - Parameters:
  ///   - code: the kind of failure.
  ///   - message: one line: the file, what was found, what was expected and what to do.
  ///   - cause: the error below, if one led to this.
  public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }
}

extension CheckpointError {
  /// Words a failed system call on a file.
  init(_ code: Code, _ error: FileError) {
    self.init(code, "\(printablePath(error.path)): \(error.reason)", cause: error)
  }

  /// Words whatever kept a file from being written; a `CheckpointError` stays as it is.
  init(writing path: String, _ error: any Error) {
    switch error {
    case let error as CheckpointError: self = error
    case let error as FileError: self.init(.unwritable, error)
    default:
      self.init(
        .invalidContent, "\(printablePath(path)) is not written: \(error)", cause: error)
    }
  }

  /// Names the file that a fault was found in.
  init(_ fault: Fault, in file: String) {
    let code: Code =
      switch fault.code {
      case .malformed: .malformed
      case .unsupported: .unsupported
      }
    self.init(code, "\(file): \(fault.text)")
  }
}
