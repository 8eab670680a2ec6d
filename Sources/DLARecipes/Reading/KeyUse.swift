/// The use of a key of a recipe.
enum KeyUse: Equatable {
  /// It decides something.
  case read
  /// It is known and would decide something elsewhere, but nothing here; the recipe's notes name it.
  case noEffect
  /// It is known and decides nothing about a training anywhere.
  case elsewhere
  /// Nothing but this value, or none, is supported.
  case only(YAMLScalar.Value)
  /// Nothing but this text, or none, is supported.
  case onlyText(String)

  /// No value is supported.
  static let unsupported = KeyUse.only(.null)
  static let off = KeyUse.only(.bool(false))
  static let on = KeyUse.only(.bool(true))
}

extension KeyUse {
  /// True if the value of a key may stand there.
  func allows(_ node: YAMLNode) -> Bool {
    guard case .scalar(let scalar) = node.content else { return self == .read || isIdle }
    let value = scalar.literal
    return switch self {
    case .read, .noEffect, .elsewhere: true
    case .only(let only): value == only || value == .null || isSameNumber(value, only)
    case .onlyText(let text): value == .null || scalar.text == text
    }
  }

  private var isIdle: Bool { self == .noEffect || self == .elsewhere }

  /// The supported alternative to a value.
  var remedy: String {
    switch self {
    case .read, .noEffect, .elsewhere, .only(.null): "remove it"
    case .only(let value): "remove it or set it to \(value.shown)"
    case .onlyText(let text): "remove it or set it to '\(text)'"
    }
  }
}

/// True if two numbers are equal, whatever way they are written.
private func isSameNumber(_ a: YAMLScalar.Value, _ b: YAMLScalar.Value) -> Bool {
  switch (a, b) {
  case (.number(let a), .integer(let b)), (.integer(let b), .number(let a)): a == Double(b)
  default: false
  }
}

extension YAMLScalar.Value {
  var shown: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "True" : "False"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .text: "a text"
    }
  }
}
