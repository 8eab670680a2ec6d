/// A text of a YAML document, and what it stands for.
package struct YAMLScalar: Sendable, Equatable {
  /// What a text stands for.
  package enum Value: Sendable, Equatable {
    /// Nothing.
    case null
    /// Yes or no.
    case bool(Bool)
    /// A whole number.
    case integer(Int)
    /// Any other number, also a whole one that is too large.
    case number(Double)
    /// Itself.
    case text
  }

  /// The text, without quotes and escapes.
  package var text: String
  /// Whether it stands there without quotes; a text in quotes stands for itself.
  package var isPlain: Bool

  /// Makes a scalar.
  ///
  /// - Parameters:
  ///   - text: the text, without quotes and escapes.
  ///   - isPlain: whether it stands there without quotes.
  package init(text: String, isPlain: Bool) {
    self.text = text
    self.isPlain = isPlain
  }

  /// Whether it may be a word or a number.
  ///
  /// Comparing a text of many marks upon each other with a word takes the square of its length.
  private var isShort: Bool { text.utf8.count <= 400 && text.utf8.allSatisfy { $0 < 0x80 } }

  /// What it stands for in YAML 1.1, as PyYAML's `SafeLoader` resolves it; dates are texts.
  package var value: Value {
    guard isPlain, isShort else { return .text }
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON": return .bool(true)
    case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF": return .bool(false)
    default: return yamlNumber(text) ?? .text
    }
  }

  /// What it stands for in a recipe.
  ///
  /// PaddleClas looks at what YAML took for text once more and takes literals of Python for what
  /// they are, in quotes or not: `1e-4` has no point, so YAML says that it is a text.
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

  /// The number that it stands for; also that of a division or product, such as `1.0/255.0`.
  package var number: Double? {
    switch literal {
    case .integer(let value): Double(value)
    case .number(let value): value
    case .text: isShort ? product(text) : nil
    case .null, .bool: nil
    }
  }
}
