import DLAText

extension YAMLNode {
  /// Sets a value as PaddleClas's `-o KEY.PATH=VALUE` does (`ppcls/utils/config.py`).
  ///
  /// Names lead into mappings and numbers, counted from 0, into lists. A name that isn't there is
  /// added: whether it means something is for the reader of the recipe to say. The value is one of
  /// YAML's; only lists, mappings and texts in quotes are taken apart, so that a path stays one.
  /// Options are such as `Global.epochs=10` or `Metric.Eval.0.TopkAcc.topk=[1, 3]`.
  ///
  /// - Throws: `RecipeError` if the option has no `=`, its value is malformed, or leads nowhere.
  package mutating func override(_ option: String) throws(RecipeError) {
    let origin = Origin.option(option)
    func error(_ code: RecipeError.Code, _ message: String) -> RecipeError {
      RecipeError(code, "\(origin.place(in: "")): \(message)")
    }
    guard let equals = option.firstIndex(of: "=") else {
      throw error(.malformed, "there is no \"=\"; KEY.PATH=VALUE is expected")
    }
    let keys = option[..<equals].split(separator: ".", omittingEmptySubsequences: false)
    guard keys.allSatisfy({ !$0.isEmpty }), keys.count <= YAMLDocument.maxLevels else {
      throw error(
        .malformed,
        "the path \(printable(String(option[..<equals]))) is none; names with dots "
          + "between them are expected, such as Global.epochs")
    }
    let text = String(option[option.index(after: equals)...])
    guard let value = Self.value(text, origin) else {
      throw error(
        .malformed,
        "the value \(printable(text)) is no list, mapping or text in quotes; are all "
          + "brackets and quotes closed?")
    }
    try set(keys.map(String.init)[...], to: value, path: "", error: error)
  }

  private mutating func set(
    _ keys: ArraySlice<String>, to value: YAMLNode, path: String,
    error: (RecipeError.Code, String) -> RecipeError
  ) throws(RecipeError) {
    guard let key = keys.first else {
      self = value
      return
    }
    let inner = path.isEmpty ? key : "\(path).\(key)"
    switch content {
    case .list(var items):
      guard let index = Int(key), items.indices.contains(index) else {
        throw error(
          .unknownName,
          "\(printable(path)) is \(shown), which has no \(printable(key)); their "
            + "numbers are expected, from 0")
      }
      try items[index].set(keys.dropFirst(), to: value, path: inner, error: error)
      content = .list(items)
    case .mapping(var entries):
      let found = entries.firstIndex { $0.key == key }
      let place = found ?? entries.endIndex
      if found == nil {
        let empty = YAMLNode(origin: value.origin, content: .mapping([]))
        entries.append(Entry(key: key, origin: value.origin, value: empty))
      }
      try entries[place].value.set(keys.dropFirst(), to: value, path: inner, error: error)
      if keys.count == 1 { entries[place].origin = value.origin }
      content = .mapping(entries)
    case .scalar(let scalar):
      guard scalar.literal == .null else {
        throw error(
          .unknownName,
          "\(printable(path)) is \(shown), which holds no \(printable(key)); the name "
            + "of a list or mapping is expected")
      }
      self = YAMLNode(origin: value.origin, content: .mapping([]))
      try set(keys, to: value, path: path, error: error)
    }
  }

  /// The value of the text after `=`; nil if it is malformed.
  private static func value(_ text: String, _ origin: Origin) -> YAMLNode? {
    guard let first = text.first, "[{'\"".contains(first) else {
      return YAMLNode(origin: origin, content: .scalar(YAMLScalar(text: text, isPlain: true)))
    }
    return try? YAMLDocument.read(Array(text.utf8), name: "").written(at: origin)
  }

  /// The same value with another origin for all of it.
  private func written(at origin: Origin) -> YAMLNode {
    switch content {
    case .scalar: YAMLNode(origin: origin, content: content)
    case .list(let items):
      YAMLNode(origin: origin, content: .list(items.map { $0.written(at: origin) }))
    case .mapping(let entries):
      YAMLNode(
        origin: origin,
        content: .mapping(
          entries.map {
            Entry(key: $0.key, origin: origin, value: $0.value.written(at: origin))
          }))
    }
  }
}
