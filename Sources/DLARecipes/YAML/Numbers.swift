/// A number as YAML 1.1 writes it, by the patterns of PyYAML's resolver.
func yamlNumber(_ text: String) -> YAMLScalar.Value? {
  var cursor = ByteCursor(text)
  let sign = cursor.takeSign()
  return yamlInteger(cursor, sign ?? 1) ?? yamlFraction(cursor, sign)
}

/// Binary, octal, decimal and hexadecimal numbers, and those to the base of 60: `1:30` is 90.
private func yamlInteger(_ cursor: ByteCursor, _ sign: Int) -> YAMLScalar.Value? {
  for (prefix, radix) in [("0b", 2), ("0x", 16), ("0", 8)] {
    var cursor = cursor
    guard cursor.take(prefix) else { continue }
    let digits = cursor.takeDigits(radix: radix, mayBegin: true)
    if !digits.isEmpty, cursor.isAtEnd { return whole(digits, radix: radix, sign) }
  }
  var cursor = cursor
  guard cursor.first != UInt8(ascii: "0") else {
    return cursor.take("0") && cursor.isAtEnd ? .integer(0) : nil
  }
  let digits = cursor.takeDigits(radix: 10)
  guard !digits.isEmpty else { return nil }
  if cursor.isAtEnd { return whole(digits, radix: 10, sign) }
  guard let sixtieths = cursor.takeSixtieths(after: digits), cursor.isAtEnd else { return nil }
  return Int(exactly: sixtieths).map { .integer(sign * $0) } ?? .number(Double(sign) * sixtieths)
}

/// Floating-point numbers, infinity and NaN.
private func yamlFraction(_ cursor: ByteCursor, _ sign: Int?) -> YAMLScalar.Value? {
  let factor = Double(sign ?? 1)
  switch cursor.text {
  case ".inf", ".Inf", ".INF": return .number(factor * .infinity)
  case ".nan", ".NaN", ".NAN": return sign == nil ? .number(.nan) : nil
  default: break
  }
  var rest = cursor
  let digits = rest.takeDigits(radix: 10)
  var sixtieths = rest
  if !digits.isEmpty, let value = sixtieths.takeSixtieths(after: digits), sixtieths.take(".") {
    let share = sixtieths.takeDigits(radix: 10, mayBegin: true)
    return sixtieths.isAtEnd ? .number(factor * (value + decimal([], share, []))) : nil
  }
  guard rest.take(".") else { return nil }
  let places = rest.takeDigits(radix: 10, mayBegin: !digits.isEmpty)
  // A point at the start takes no sign and needs a digit.
  guard !digits.isEmpty || (sign == nil && !places.isEmpty) else { return nil }
  let exponent = rest.takeExponent(needsSign: true)
  return rest.isAtEnd ? .number(factor * decimal(digits, places, exponent ?? [])) : nil
}

/// A decimal number as Python writes it: also `1e-4`, and `-.5`.
func pythonNumber(_ text: String) -> YAMLScalar.Value? {
  var cursor = ByteCursor(text)
  let sign = cursor.takeSign() ?? 1
  let digits = cursor.takeDigits(radix: 10)
  let hasPoint = cursor.take(".")
  let places = hasPoint ? cursor.takeDigits(radix: 10) : []
  guard !digits.isEmpty || !places.isEmpty else { return nil }
  let exponent = cursor.takeExponent(needsSign: false)
  guard cursor.isAtEnd else { return nil }
  guard hasPoint || exponent != nil else { return whole(digits, radix: 10, sign) }
  return .number(Double(sign) * decimal(digits, places, exponent ?? []))
}

/// The value of a chain of divisions and products, as PaddleClas evaluates `1.0/255.0`.
///
/// - Returns: the number; nil if the text is no such chain.
func product(_ text: String) -> Double? {
  var result = 1.0
  var divides = false
  var rest = Substring(text)
  while true {
    let end = rest.firstIndex { $0 == "/" || $0 == "*" }
    let factor = rest[..<(end ?? rest.endIndex)].drop { $0 == " " }
    let trimmed = String(factor.reversed().drop { $0 == " " }.reversed())
    guard let value = YAMLScalar(text: trimmed, isPlain: true).literal.asNumber else { return nil }
    result = divides ? result / value : result * value
    guard let end else { return result }
    divides = rest[end] == "/"
    rest = rest[rest.index(after: end)...]
  }
}

extension YAMLScalar.Value {
  /// A number of either kind.
  fileprivate var asNumber: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    case .null, .bool, .text: nil
    }
  }
}

/// A whole number of digits that fit the base; one that is too large for an `Int` is rounded.
private func whole(_ digits: [UInt8], radix: Int, _ sign: Int) -> YAMLScalar.Value {
  let text = String(decoding: digits, as: UTF8.self)
  if let value = Int(text, radix: radix) { return .integer(sign * value) }
  let value = digits.reduce(0.0) { sum, digit in
    sum * Double(radix) + Double(Int(String(UnicodeScalar(digit)), radix: radix) ?? 0)
  }
  return .number(Double(sign) * value)
}

/// The number nearest to what the parts of a decimal number say.
private func decimal(_ digits: [UInt8], _ places: [UInt8], _ exponent: [UInt8]) -> Double {
  let parts = digits + [UInt8(ascii: ".")] + places + exponent
  return Double("0" + String(decoding: parts, as: UTF8.self)) ?? .nan
}
