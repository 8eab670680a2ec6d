/// A strict reader of JSON (RFC 8259) that walks over bytes and builds no tree.
///
/// It reads objects, arrays, strings and numbers, as in safetensors headers and logs of trainings;
/// other values can only be skipped. No byte is read before `position` has been compared with the
/// length, and nesting is bounded.
package struct JSONScanner {
  private let bytes: UnsafeRawBufferPointer
  package private(set) var position = 0

  /// Starts at the first of `bytes`, which must outlive the scanner.
  package init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The next byte, if there is one.
  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  package mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
      position += 1
    }
  }

  package mutating func isAtEnd() -> Bool {
    skipSpace()
    return next == nil
  }

  /// Skips one punctuation mark and the white space before it.
  package mutating func expect(_ mark: Unicode.Scalar) throws(Fault) {
    skipSpace()
    guard next == UInt8(ascii: mark) else { throw unexpected("'\(mark)'") }
    position += 1
  }

  /// Steps to the next member of an object or element of an array that `closing` ends.
  ///
  /// - Returns: whether there is one; if not, the closing mark has been passed.
  /// - Throws: `Fault` if neither a comma nor the closing mark follows.
  package mutating func advance(until closing: Unicode.Scalar, isFirst: inout Bool) throws(Fault)
    -> Bool
  {
    skipSpace()
    if next == UInt8(ascii: closing) {
      position += 1
      return false
    }
    if !isFirst { try expect(",") }
    isFirst = false
    return true
  }

  /// Reads the name of a member and the colon after it.
  package mutating func key() throws(Fault) -> ExactText {
    let name = try string()
    try expect(":")
    return ExactText(name)
  }

  /// Reads a non-negative integer without sign, fraction, exponent or leading zeros.
  package mutating func integer() throws(Fault) -> Int {
    skipSpace()
    let start = position
    var value = 0
    while let digit = nextDigit {
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.addingReportingOverflow(digit)
      guard !overflow, !carry else { throw Fault("a number at byte \(start) is too large") }
      value = sum
      position += 1
    }
    guard position > start else { throw unexpected("a non-negative integer") }
    guard position == start + 1 || bytes[start] != UInt8(ascii: "0") else {
      throw Fault("a number at byte \(start) starts with a zero")
    }
    return value
  }

  /// Skips a null if one follows, and returns whether one did.
  package mutating func skipNull() throws(Fault) -> Bool {
    skipSpace()
    guard next == UInt8(ascii: "n") else { return false }
    try skipWord("null")
    return true
  }

  /// True if an object comes next.
  package mutating func startsObject() -> Bool {
    skipSpace()
    return next == UInt8(ascii: "{")
  }

  /// Reads a number; nil where there is a null.
  package mutating func number() throws(Fault) -> Double? {
    if try skipNull() { return nil }
    let start = position
    try skipNumber()
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard let value = Double(text), value.isFinite else {
      throw Fault("a number at byte \(start) is too large")
    }
    return value
  }

  package mutating func string() throws(Fault) -> String {
    try expect("\"")
    var text = ""
    while true {
      let start = position
      while let byte = next, byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
        position += 1
      }
      guard let plain = String(validating: bytes[start..<position], as: UTF8.self) else {
        throw Fault("a string at byte \(start) is not valid UTF-8")
      }
      text += plain
      switch next {
      case UInt8(ascii: "\""):
        position += 1
        return text
      case UInt8(ascii: "\\"):
        position += 1
        text.unicodeScalars.append(try escaped())
      default: throw unexpected("the end of a string")
      }
    }
  }

  /// The maximum nesting of skipped arrays and objects.
  package static let deepestNesting = 32

  /// Skips a value of any kind; `depth` counts the arrays and objects around it that are skipped.
  ///
  /// - Throws: `Fault` if it is not valid JSON or nested too deep.
  package mutating func skipValue(depth: Int = 0) throws(Fault) {
    guard depth <= Self.deepestNesting else {
      throw Fault("values are nested deeper than \(Self.deepestNesting) at byte \(position)")
    }
    skipSpace()
    var isFirst = true
    switch next {
    case UInt8(ascii: "{"):
      position += 1
      while try advance(until: "}", isFirst: &isFirst) {
        _ = try key()
        try skipValue(depth: depth + 1)
      }
    case UInt8(ascii: "["):
      position += 1
      while try advance(until: "]", isFirst: &isFirst) { try skipValue(depth: depth + 1) }
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "t"): try skipWord("true")
    case UInt8(ascii: "f"): try skipWord("false")
    case UInt8(ascii: "n"): try skipWord("null")
    default: try skipNumber()
    }
  }

  private mutating func skipWord(_ word: StaticString) throws(Fault) {
    for byte in UnsafeRawBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount) {
      guard next == byte else { throw unexpected("'\(word)'") }
      position += 1
    }
  }

  private mutating func skipNumber() throws(Fault) {
    if next == UInt8(ascii: "-") { position += 1 }
    if next == UInt8(ascii: "0") { position += 1 } else { try skipDigits() }
    if next == UInt8(ascii: ".") {
      position += 1
      try skipDigits()
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      position += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
      try skipDigits()
    }
  }

  private mutating func skipDigits() throws(Fault) {
    guard nextDigit != nil else { throw unexpected("a value") }
    while nextDigit != nil { position += 1 }
  }

  /// The value of the next byte if it is a digit.
  private var nextDigit: Int? {
    guard let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
    return Int(byte - UInt8(ascii: "0"))
  }

  /// Reads what follows a backslash.
  private mutating func escaped() throws(Fault) -> Unicode.Scalar {
    let mark = next
    position += mark == nil ? 0 : 1
    switch mark {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try escapedScalar()
    default: throw Fault("a string has an unknown escape at byte \(position)")
    }
  }

  /// Reads the digits of `\uXXXX`, or of a pair of them that stands for one scalar.
  private mutating func escapedScalar() throws(Fault) -> Unicode.Scalar {
    let first = try hexadecimal4()
    if let scalar = Unicode.Scalar(first) { return scalar }
    if first < 0xDC00, next == UInt8(ascii: "\\") {
      position += 1
      guard next == UInt8(ascii: "u") else { throw unexpected("the second half of a pair") }
      position += 1
      let second = try hexadecimal4()
      if (0xDC00..<0xE000).contains(second),
        let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
      {
        return scalar
      }
    }
    throw Fault("a string has half a surrogate pair at byte \(position)")
  }

  private mutating func hexadecimal4() throws(Fault) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw unexpected("four hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  /// A fault with the byte at `position` and what was expected.
  private func unexpected(_ expected: String) -> Fault {
    guard let byte = next else { return Fault("it ends where \(expected) is expected") }
    let found =
      (0x20..<0x7F).contains(byte)
      ? "'\(Unicode.Scalar(byte))'" : "0x\(String(byte, radix: 16, uppercase: true))"
    return Fault("\(found) stands at byte \(position) where \(expected) is expected")
  }
}

/// A text as a string of JSON, with its quotes.
package func jsonText(_ text: String) -> String {
  var json = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": json += "\\\""
    case "\\": json += "\\\\"
    case "\u{0}"..."\u{1F}":
      let digits = String(scalar.value, radix: 16)
      json += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: json.unicodeScalars.append(scalar)
    }
  }
  return json + "\""
}
