import DLAText

/// Paths with braces as WebDataset and shells write them: `shard-{000..123}.tar`, `{train,val}.tar`.
enum BracePattern {
  private static let maxPaths = 1_000_000

  /// True if there are braces.
  static func matches(_ path: String) -> Bool {
    path.firstIndex(of: "{").map { path[$0...].contains("}") } ?? false
  }

  /// All paths of a pattern, in order; numbers keep their width.
  ///
  /// - Throws: `DatasetError` if braces are not closed or hold no list, or for too many paths.
  static func paths(_ pattern: String) throws(DatasetError) -> [String] {
    var paths = [""]
    var rest = pattern[...]
    while let open = rest.firstIndex(of: "{") {
      guard let close = rest[open...].firstIndex(of: "}") else {
        throw DatasetError("\(printablePath(pattern)): a brace is not closed")
      }
      let choices = try choices(rest[rest.index(after: open)..<close], pattern)
      guard choices.count <= maxPaths / paths.count else {
        throw DatasetError("\(printablePath(pattern)): stands for more than \(maxPaths) paths")
      }
      let head = rest[..<open]
      paths = paths.flatMap { path in choices.map { path + head + $0 } }
      rest = rest[rest.index(after: close)...]
    }
    return paths.map { $0 + rest }
  }

  private static func choices(
    _ text: Substring, _ pattern: String
  ) throws(DatasetError) -> [String] {
    if text.contains(",") {
      return text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let dots = text.firstRange(of: "..")
    guard let dots, let first = number(text[..<dots.lowerBound]),
      let last = number(text[dots.upperBound...]), first <= last, last - first < maxPaths
    else {
      throw DatasetError(
        "\(printablePath(pattern)): {\(printable(String(text)))} is no list; {000..123} or {a,b} is "
          + "expected")
    }
    let width = text[..<dots.lowerBound].count
    return (first...last).map { number in
      let digits = "\(number)"
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
  }

  private static func number(_ text: Substring) -> Int? {
    text.allSatisfy { ("0"..."9").contains($0) } && text.count <= 9 ? Int(text) : nil
  }
}
