import DLAText

/// A value of a YAML document, and where it was written.
package struct YAMLNode: Sendable, Equatable {
  package enum Origin: Sendable, Equatable {
    /// A line of the document, counted from 1.
    case line(Int)
    /// An override, `KEY.PATH=VALUE`.
    case option(String)
  }

  package enum Content: Sendable, Equatable {
    /// A text, which may stand for something else.
    case scalar(YAMLScalar)
    case list([YAMLNode])
    /// Values by name, in the order of the document; no two have the same name.
    case mapping([Entry])
  }

  package struct Entry: Sendable, Equatable {
    package var key: String
    package var origin: Origin
    package var value: YAMLNode
  }

  package var origin: Origin
  package var content: Content

  /// The value in messages: a scalar's text in quotes, or the kind of other values.
  var shown: String {
    switch content {
    case .scalar(let scalar) where scalar.value == .null: "null"
    case .scalar(let scalar):
      scalar.isPlain ? printable(scalar.text) : "'\(printable(scalar.text))'"
    case .list(let items): "a list of \(counted(items.count, "value", "values"))"
    case .mapping(let entries): "a mapping of \(counted(entries.count, "key", "keys"))"
    }
  }
}

extension YAMLNode.Origin {
  /// The start of a message about the value of a document.
  ///
  /// - Returns: for instance `DLA34.yaml, line 3` or `-o Global.epochs=0`.
  func place(in file: String) -> String {
    switch self {
    case .line(let line): "\(printablePath(file)), line \(line)"
    case .option(let option): "-o \(printable(option))"
    }
  }
}

/// A scalar of a YAML document and its value.
package struct YAMLScalar: Sendable, Equatable {
  package enum Value: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int)
    /// Any other number, also a whole one that is too large.
    case number(Double)
    /// Itself.
    case text
  }

  /// The text, without quotes and escapes.
  package var text: String
  /// True if it is not quoted; a quoted text is a string.
  package var isPlain: Bool

  package init(text: String, isPlain: Bool) {
    (self.text, self.isPlain) = (text, isPlain)
  }

  /// True if it may be a word or a number.
  ///
  /// Comparing a text of many marks upon each other with a word takes the square of its length.
  private var isShort: Bool { text.utf8.count <= 400 && text.utf8.allSatisfy { $0 < 0x80 } }

  /// Its value in YAML 1.1, as PyYAML's `SafeLoader` resolves it; dates are texts.
  package var value: Value {
    guard isPlain, isShort else { return .text }
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON": return .bool(true)
    case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF": return .bool(false)
    default: return yamlNumber(text) ?? .text
    }
  }

  /// Its value in a recipe.
  ///
  /// PaddleClas looks at what YAML took for text once more and takes literals of Python for what
  /// they are, in quotes or not: `1e-4` has no point, so YAML takes it for a string.
  package var literal: Value {
    guard isShort else { return .text }
    guard value == .text else { return value }
    switch text {
    case "None": return .null
    case "True": return .bool(true)
    case "False": return .bool(false)
    default: return pythonNumber(text) ?? .text
    }
  }

  /// Its number; also of a division or product, such as `1.0/255.0`.
  package var number: Double? {
    switch literal {
    case .integer(let value): Double(value)
    case .number(let value): value
    case .text: isShort ? product(text) : nil
    case .null, .bool: nil
    }
  }
}
