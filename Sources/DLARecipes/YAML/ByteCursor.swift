/// A parser of the parts of a number.
struct ByteCursor {
  private var rest: ArraySlice<UInt8>

  init(_ text: String) { rest = Array(text.utf8)[...] }

  /// The remaining bytes.
  var text: String { String(decoding: rest, as: UTF8.self) }
  var isAtEnd: Bool { rest.isEmpty }
  var first: UInt8? { rest.first }

  mutating func take(_ text: String) -> Bool {
    guard rest.starts(with: text.utf8) else { return false }
    rest = rest.dropFirst(text.utf8.count)
    return true
  }

  /// Reads a sign: 1 or −1; nil if there is none.
  mutating func takeSign() -> Int? {
    if take("-") { return -1 }
    return take("+") ? 1 : nil
  }

  /// Reads digits, and drops underscores between them, and before them if it `mayBegin` so.
  mutating func takeDigits(radix: Int, mayBegin: Bool = false) -> [UInt8] {
    let underscore = UInt8(ascii: "_")
    guard let first = rest.first, mayBegin || first != underscore else { return [] }
    let part = rest.prefix {
      $0 == underscore || Int(String(UnicodeScalar($0)), radix: radix) != nil
    }
    rest = rest.dropFirst(part.count)
    return part.filter { $0 != underscore }
  }

  /// Reads an exponent, such as `e-4`; nil, and nothing is skipped, if there is none.
  mutating func takeExponent(needsSign: Bool) -> [UInt8]? {
    var cursor = self
    guard cursor.take("e") || cursor.take("E") else { return nil }
    let sign = cursor.takeSign()
    let digits = cursor.rest.prefix { (0x30...0x39).contains($0) }
    guard !digits.isEmpty, sign != nil || !needsSign else { return nil }
    rest = cursor.rest.dropFirst(digits.count)
    return Array("e\(sign == -1 ? "-" : "+")".utf8) + digits
  }

  /// Reads numbers below 60, each after a colon.
  ///
  /// - Returns: all of them as one number to the base of 60; nil if there is none.
  mutating func takeSixtieths(after digits: [UInt8]) -> Double? {
    guard var value = Double(String(decoding: digits, as: UTF8.self)), first == UInt8(ascii: ":")
    else { return nil }
    while take(":") {
      let part = rest.prefix { (0x30...0x39).contains($0) }
      guard (1...2).contains(part.count), let number = Int(String(decoding: part, as: UTF8.self)),
        number < 60
      else { return nil }
      rest = rest.dropFirst(part.count)
      value = value * 60 + Double(number)
    }
    return value
  }
}
