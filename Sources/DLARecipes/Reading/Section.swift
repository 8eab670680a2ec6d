/// A mapping of a recipe whose keys are known, and a reader of its values.
struct Section {
  let reader: RecipeReader
  /// The key path, separated by dots; empty for the whole recipe.
  let path: String
  let origin: YAMLNode.Origin
  private let entries: [String: YAMLNode.Entry]

  /// Checks a mapping, or null, for unknown keys; `reader` takes notes of keys without effect.
  ///
  /// - Throws: `RecipeError` if it is no mapping, has a key that isn't known, or one whose value
  ///   isn't supported.
  init(
    _ node: YAMLNode, path: String, keys: [String: KeyUse], reader: RecipeReader
  ) throws(RecipeError) {
    (self.reader, self.path) = (reader, path)
    origin = node.origin
    var entries: [String: YAMLNode.Entry] = [:]
    for entry in try node.entries(path: path, reader: reader) {
      guard let use = keys[entry.key] else {
        throw reader.unknown(
          entry.key, entry.origin, path.isEmpty ? "the key" : "the key of \(path)", known: keys.keys
        )
      }
      let inner = path.isEmpty ? entry.key : "\(path).\(entry.key)"
      guard use.allows(entry.value) else {
        throw reader.error(
          .unsupported, entry.value.origin,
          "\(inner) is \(entry.value.shown), which is not supported; \(use.remedy)")
      }
      if use == .noEffect, !entry.value.isNull { reader.noteIdle(inner) }
      entries[entry.key] = entry
    }
    self.entries = entries
  }

  /// The key path of one of its values.
  func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// A value; nil if it is missing or null.
  func node(_ key: String) -> YAMLNode? {
    entries[key].flatMap { $0.value.isNull ? nil : $0.value }
  }

  var isEmpty: Bool { entries.isEmpty }

  /// True if a key is there, whatever its value.
  func has(_ key: String) -> Bool { entries[key] != nil }

  /// The position of a value; the section's if there is none.
  func origin(of key: String) -> YAMLNode.Origin { entries[key]?.value.origin ?? origin }

  func error(_ code: RecipeError.Code, _ key: String, _ message: String) -> RecipeError {
    reader.error(code, origin(of: key), message)
  }

  func note(_ key: String, _ message: String) { reader.note(origin(of: key), message) }

  func missing(_ key: String, _ expected: String) -> RecipeError {
    let owner = path.isEmpty ? "the recipe" : path
    return reader.error(.missing, origin, "\(owner) has no \(key); \(expected) is expected")
  }

  func unsuitable(_ key: String, _ node: YAMLNode, _ expected: String) -> RecipeError {
    reader.error(
      .unsuitableValue, node.origin, "\(path(of: key)) is \(node.shown); \(expected) is expected")
  }

  /// A mapping within this one; nil if it is missing or null.
  func section(_ key: String, _ keys: [String: KeyUse]) throws(RecipeError) -> Section? {
    guard let node = node(key) else { return nil }
    return try Section(node, path: path(of: key), keys: keys, reader: reader)
  }

  /// A mapping within this one that must be there.
  func required(_ key: String, _ keys: [String: KeyUse]) throws(RecipeError) -> Section {
    guard let section = try section(key, keys) else { throw missing(key, "a mapping") }
    return section
  }
}

extension YAMLNode {
  /// True if the value is nothing.
  var isNull: Bool {
    if case .scalar(let scalar) = content { scalar.literal == .null } else { false }
  }

  /// The entries of a mapping; none of null.
  fileprivate func entries(path: String, reader: RecipeReader) throws(RecipeError) -> [Entry] {
    if case .mapping(let entries) = content { return entries }
    guard !isNull else { return [] }
    let name = path.isEmpty ? "the recipe" : path
    throw reader.error(.unsuitableValue, origin, "\(name) is \(shown); a mapping is expected")
  }
}
