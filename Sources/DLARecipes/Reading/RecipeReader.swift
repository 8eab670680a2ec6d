import DLAText

/// What is noted while a recipe is read.
final class RecipeReader {
  /// What errors call the file.
  let file: String
  /// What whoever trains by the recipe should know, in the order of reading.
  private(set) var notes: [String] = []
  private var idle: [String] = []

  init(file: String) { self.file = file }

  /// Notes something about a value.
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

  /// An error about a value.
  func error(
    _ code: RecipeError.Code, _ origin: YAMLNode.Origin, _ message: String
  ) -> RecipeError {
    RecipeError(code, "\(origin.place(in: file)): \(message)")
  }

  /// An error about a name that is none of those that are known.
  ///
  /// - Parameters:
  ///   - name: what was found.
  ///   - origin: where it was found.
  ///   - path: what it is the name of.
  ///   - known: the names that are known.
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
