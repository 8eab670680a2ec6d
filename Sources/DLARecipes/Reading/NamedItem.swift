import DLAText

/// One name with its settings, such as `RandFlipImage: {flip_code: 1}` in a list of operators.
struct NamedItem {
  let name: String
  let origin: YAMLNode.Origin
  let path: String
  private let settings: YAMLNode
  private let reader: RecipeReader

  init(_ entry: YAMLNode.Entry, in path: String, reader: RecipeReader) {
    name = entry.key
    origin = entry.origin
    self.path = "\(path).\(printable(entry.key))"
    settings = entry.value
    self.reader = reader
  }

  /// The settings, held to the keys that are known.
  func section(_ keys: [String: KeyUse]) throws(RecipeError) -> Section {
    try Section(settings, path: path, keys: keys, reader: reader)
  }

  /// The settings as names with settings of their own.
  func items() throws(RecipeError) -> [NamedItem] {
    guard case .mapping(let entries) = settings.content, !entries.isEmpty else {
      throw error(.unsuitableValue, "\(path) is \(settings.shown); a mapping of names is expected")
    }
    return entries.map { NamedItem($0, in: path, reader: reader) }
  }

  func error(_ code: RecipeError.Code, _ message: String) -> RecipeError {
    reader.error(code, origin, message)
  }

  func note(_ message: String) { reader.note(origin, message) }

  /// The error that this name is not supported; `known` are other names that are not.
  func refusal(supported: [String], known: [String] = []) -> RecipeError {
    guard known.contains(name) else {
      return reader.unknown(name, origin, path, known: supported + known)
    }
    return error(
      .unsupported, "\(path) is not supported; supported are \(supported.joined(separator: ", "))")
  }
}

extension Section {
  /// The entries of a list of names with settings; nil if it is missing or null.
  func items(_ key: String) throws(RecipeError) -> [NamedItem]? {
    guard let node = node(key) else { return nil }
    guard case .list(let list) = node.content else {
      throw unsuitable(key, node, "a list of names with settings")
    }
    var items: [NamedItem] = []
    for (index, item) in list.enumerated() {
      guard case .mapping(let entries) = item.content, let entry = entries.first, entries.count == 1
      else { throw unsuitable("\(key).\(index)", item, "one name with its settings") }
      items.append(NamedItem(entry, in: "\(path(of: key)).\(index)", reader: reader))
    }
    return items
  }

  /// A name out of a list; nil if it is missing or null.
  func name(
    _ key: String, supported: [String], known: [String] = []
  ) throws(RecipeError) -> String? {
    guard let name = try text(key) else { return nil }
    guard !supported.contains(name) else { return name }
    guard known.contains(name) else {
      throw reader.unknown(name, origin(of: key), path(of: key), known: supported + known)
    }
    throw error(
      .unsupported, key,
      "\(path(of: key)) is \(name), which is not supported; supported are "
        + supported.joined(separator: ", "))
  }
}
