import DLAText

/// Notes that are collected while a recipe is read.
final class RecipeReader {
  let file: String
  /// Notes for the user in the order of reading.
  private(set) var notes: [String] = []
  private var idle: [String] = []

  init(file: String) { self.file = file }

  func note(_ origin: YAMLNode.Origin, _ message: String) {
    notes.append("\(origin.place(in: file)): \(message)")
  }

  /// Notes that a key has no effect.
  func noteIdle(_ path: String) { idle.append(path) }

  /// All notes, last the keys without effect.
  var allNotes: [String] {
    guard !idle.isEmpty else { return notes }
    return notes + ["\(printablePath(file)): without effect here: \(idle.joined(separator: ", "))"]
  }

  func error(
    _ code: RecipeError.Code, _ origin: YAMLNode.Origin, _ message: String
  ) -> RecipeError { RecipeError(code, "\(origin.place(in: file)): \(message)") }

  /// An error about an unknown name.
  ///
  /// - Returns: the error, with the nearest names.
  func unknown(
    _ name: String, _ origin: YAMLNode.Origin, _ path: String, known: some Sequence<String>
  ) -> RecipeError {
    let lower = name.lowercased()
    let nearest = known.map { (distance: editDistance(lower, $0.lowercased()), name: $0) }
      .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
    let names = nearest.prefix(2).map(\.name).joined(separator: " or ")
    return error(
      .unknownName, origin, "\(path) \"\(printable(name))\" is not known; did you mean \(names)?")
  }
}

/// The reason why a configuration can't be used as a recipe.
public struct RecipeError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kind of failure, for callers that act on it.
  public enum Code: Sendable {
    /// The system could not open or read the file.
    case unreadable
    /// The text is not YAML, or uses unsupported features.
    case malformed
    /// A key or a name is unknown.
    case unknownName
    /// A value is of the wrong kind or out of its range.
    case unsuitableValue
    /// A required value is missing.
    case missing
    /// The recipe needs a feature that this library does not have.
    case unsupported
  }

  /// The kind of failure.
  public let code: Code
  /// One line: where, what was found, what was expected, what to do.
  public let message: String

  /// Describes a failure.
  public init(_ code: Code, _ message: String) {
    (self.code, self.message) = (code, message)
  }

  /// The message.
  public var description: String { message }
}
