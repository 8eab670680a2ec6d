/// Status and headers of a response.
struct HTTPResponse {
  /// For instance 200; 0 before the first line.
  private(set) var status = 0
  private var fields: [(name: String, value: String)] = []
  private var bytes = 0

  /// The maximum size of all headers; further ones are ignored.
  private static let limit = 1 << 16

  /// The value of a header whose name is in lower case, nil if it is missing.
  subscript(_ name: String) -> String? { fields.first { $0.name == name }?.value }

  /// Parses a line; a status line starts a new response.
  mutating func append(_ line: UnsafeRawBufferPointer) {
    if line.starts(with: "HTTP/".utf8) {
      self = HTTPResponse()
      let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
      status = words.count > 1 ? Int(String(decoding: words[1].prefix(3), as: UTF8.self)) ?? 0 : 0
      return
    }
    bytes += line.count
    guard bytes <= Self.limit, let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
    let value = line[(colon + 1)...].trimmed
    fields.append((String(decoding: line[..<colon], as: UTF8.self).lowercased(), value))
  }

  /// The content length in bytes; nil if it is unknown.
  var length: Int? { self["transfer-encoding"] == nil ? number("content-length") : nil }

  /// The content range of a partial response, `bytes 5-9/10`.
  var part: (first: Int, total: Int?)? {
    guard let text = self["content-range"]?.lowercased(), text.hasPrefix("bytes ") else {
      return nil
    }
    let halves = text.dropFirst("bytes ".count).split(
      separator: "/", omittingEmptySubsequences: false)
    guard halves.count == 2, let first = count(halves[0].prefix { $0 != "-" }) else { return nil }
    if halves[1] == "*" { return (first, nil) }
    guard let total = count(halves[1]), first < total else { return nil }
    return (first, total)
  }

  /// A strong ETag or the modification date, for `If-Range`.
  var validator: String? {
    // Weak ETags (W/) do not identify bytes.
    if let tag = self["etag"], tag.hasPrefix("\""), isPlain(tag) { return tag }
    return self["last-modified"].flatMap { $0.isEmpty || !isPlain($0) ? nil : $0 }
  }

  /// The seconds to wait before another request, from a number or a date; `now` is in seconds since
  /// 1970.
  func retryAfter(now: Double) -> Double? {
    number("retry-after").map(Double.init)
      ?? self["retry-after"].flatMap(HTTPDate.seconds).map { max(0, Double($0) - now) }
  }

  /// A header of 1 to 18 decimal digits, else nil.
  func number(_ name: String) -> Int? { self[name].flatMap { count($0[...]) } }
}

/// A number of 1 to 18 decimal digits, else nil.
func count(_ digits: Substring) -> Int? {
  guard (1...18).contains(digits.utf8.count),
    digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
  else { return nil }
  return Int(digits)
}

/// True if text is short, printable ASCII, so that it can be sent in a request.
func isPlain(_ text: String) -> Bool {
  text.utf8.count <= 1024 && text.utf8.allSatisfy { (0x20...0x7e).contains($0) }
}

extension Slice<UnsafeRawBufferPointer> {
  /// The text without white space around it.
  fileprivate var trimmed: String {
    let isSpace: (UInt8) -> Bool = { $0 <= 0x20 }
    let rest = drop(while: isSpace)
    let end = rest.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? rest.startIndex
    return String(decoding: rest[rest.startIndex..<end], as: UTF8.self)
  }
}
