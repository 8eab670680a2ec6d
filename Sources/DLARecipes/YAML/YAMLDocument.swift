import DLAText

/// A reader for untrusted YAML documents.
///
/// Every value knows its line. Aliases may repeat scalars only, so that no document expands; tags,
/// which name types of a program, are not read.
package enum YAMLDocument {
  package static let maxBytes = 1 << 20
  /// The most lists and mappings within each other.
  package static let maxLevels = 32
  /// Bytes of a key: no name of a recipe is longer.
  package static let longestKey = 256
  /// The most values and keys of a document.
  package static let maxNodes = 20_000

  /// Reads a document.
  ///
  /// Cost: at most ``maxNodes`` nodes and the text itself.
  ///
  /// - Returns: its value; a document of nothing is null.
  /// - Throws: `RecipeError` with `.malformed`.
  package static func read(_ bytes: [UInt8], name: String) throws(RecipeError) -> YAMLNode {
    guard bytes.count <= maxBytes else {
      throw RecipeError(
        .malformed,
        "\(printablePath(name)): the file is larger than \(maxBytes >> 10) KiB; a recipe in YAML "
          + "is expected")
    }
    // libyaml would count a byte order mark as a column.
    let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    return try text.withUnsafeBufferPointer { bytes throws(RecipeError) in
      var builder = YAMLBuilder(events: try YAMLEvents(bytes, name: name), name: name)
      return try builder.document()
    }
  }
}

/// Makes a tree of what libyaml finds.
private struct YAMLBuilder: ~Copyable {
  private var events: YAMLEvents
  private let name: String
  private var nodes = 0
  private var anchors: [String: YAMLScalar] = [:]

  init(events: consuming YAMLEvents, name: String) {
    self.events = events
    self.name = name
  }

  mutating func document() throws(RecipeError) -> YAMLNode {
    _ = try events.next()
    let start = try events.next()
    guard case .documentStart = start.kind else {
      return YAMLNode(origin: .line(1), content: .scalar(YAMLScalar(text: "", isPlain: true)))
    }
    let root = try node(try events.next(), level: 0)
    _ = try events.next()
    let end = try events.next()
    guard case .streamEnd = end.kind else {
      throw error(end, "a second document begins; one is expected")
    }
    return root
  }

  private mutating func node(
    _ event: YAMLEvents.Event, level: Int
  ) throws(RecipeError) -> YAMLNode {
    try check(event, level: level)
    let content: YAMLNode.Content
    switch event.kind {
    case .scalar(let scalar):
      content = .scalar(scalar)
      if let anchor = event.anchor, anchors.updateValue(scalar, forKey: anchor) != nil {
        throw error(event, "the anchor &\(anchor) was set already; give it another name")
      }
    case .alias(let name):
      guard let scalar = anchors[name] else {
        throw error(event, "no value before has the anchor &\(name), which *\(name) repeats")
      }
      content = .scalar(scalar)
    case .listStart: content = .list(try items(level: level + 1))
    case .mappingStart: content = .mapping(try entries(level: level + 1))
    case .listEnd, .mappingEnd, .documentStart, .documentEnd, .streamStart, .streamEnd:
      throw error(event, "a value is expected")
    }
    return YAMLNode(origin: .line(event.line), content: content)
  }

  private mutating func items(level: Int) throws(RecipeError) -> [YAMLNode] {
    var items: [YAMLNode] = []
    while true {
      let event = try events.next()
      if case .listEnd = event.kind { return items }
      items.append(try node(event, level: level))
    }
  }

  private mutating func entries(level: Int) throws(RecipeError) -> [YAMLNode.Entry] {
    var entries: [YAMLNode.Entry] = []
    var lines: [String: Int] = [:]
    while true {
      let event = try events.next()
      if case .mappingEnd = event.kind { return entries }
      try check(event, level: level)
      guard case .scalar(let key) = event.kind, event.anchor == nil else {
        throw error(event, "a key is a list, a mapping, an alias or an anchor; a name is expected")
      }
      guard key.text.utf8.count <= YAMLDocument.longestKey else {
        throw error(
          event,
          "a key has \(key.text.utf8.count) bytes; at most \(YAMLDocument.longestKey) are read")
      }
      if key.isPlain, key.text == "<<" {
        throw error(event, "a merge (<<) is not read; write the keys out")
      }
      if let line = lines.updateValue(event.line, forKey: key.text) {
        throw error(
          event, "the key \"\(printable(key.text))\" was set in line \(line) already; remove one")
      }
      let value = try node(try events.next(), level: level)
      entries.append(.init(key: key.text, origin: .line(event.line), value: value))
    }
  }

  /// Counts a value and holds it to the limits.
  private mutating func check(_ event: YAMLEvents.Event, level: Int) throws(RecipeError) {
    nodes += 1
    guard nodes <= YAMLDocument.maxNodes else {
      throw error(event, "there are more than \(grouped(YAMLDocument.maxNodes)) values and keys")
    }
    guard level < YAMLDocument.maxLevels || !event.kind.opens else {
      throw error(event, "more than \(YAMLDocument.maxLevels) lists and mappings lie in each other")
    }
    guard event.anchor == nil || !event.kind.opens else {
      throw error(event, "an anchor (&) of a list or mapping is not read; write its values out")
    }
    guard !event.hasTag else { throw error(event, "a tag (!) is not read; write the value alone") }
  }

  private func error(_ event: YAMLEvents.Event, _ message: String) -> RecipeError {
    RecipeError(.malformed, "\(YAMLNode.Origin.line(event.line).place(in: name)): \(message)")
  }
}
