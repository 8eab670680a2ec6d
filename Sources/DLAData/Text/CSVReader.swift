import DLASystem
import DLAText

/// The rows of a CSV file (RFC 4180), one after another.
///
/// Fields may stand in quotes and then hold separators, line breaks and doubled quotes. Rows end in
/// LF, CRLF or the end of the file; empty lines are skipped.
package struct CSVReader: RecordReader {
  /// One row, or the reason why it can't be read; reading continues after it.
  package struct Row {
    /// Its start.
    let place: TextPlace
    /// Its fields, or its problem.
    package let fields: Result<[String], Problem>
  }

  /// The problem with a row.
  package struct Problem: Error, Equatable {
    package let message: String
  }

  /// The most bytes of a row; nothing that is longer is a path and some numbers.
  static let longestRow = 1 << 16

  private let bytes: UnsafeRawBufferPointer
  private let separator: UInt8
  private let longestRow: Int
  /// The start of the next row.
  private(set) var place: TextPlace

  private static let quote = UInt8(ascii: "\"")
  private static let newline = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  /// Reads rows of text that outlives the reader.
  init(
    _ bytes: UnsafeRawBufferPointer, from place: TextPlace, separator: UInt8,
    longestRow: Int = Self.longestRow
  ) {
    (self.bytes, self.place, self.separator) = (bytes, place, separator)
    self.longestRow = longestRow
  }

  /// Reads rows from the start of text that outlives the reader, separated by commas.
  package init(_ bytes: UnsafeRawBufferPointer) {
    self.init(
      bytes, from: TextPlace(offset: 0, line: 1), separator: UInt8(ascii: ","),
      longestRow: bytes.count)
  }

  /// The position after the last row.
  package var position: Int { place.offset }

  /// The next row; nil after the last.
  package mutating func next() -> Row? {
    while place.offset < bytes.count {
      let start = place
      let range = passRow()
      guard !range.isEmpty else { continue }
      return Row(place: start, fields: fields(range))
    }
    return nil
  }

  /// Skips a row without looking into its fields, and returns where it begins; nil after the last.
  mutating func skip() -> TextPlace? {
    while place.offset < bytes.count {
      let start = place
      if !passRow().isEmpty { return start }
    }
    return nil
  }

  /// Steps behind the row, and tells where it lies without its line break.
  ///
  /// A row whose quotes are not in pairs ends with its first line, so that it costs no other.
  private mutating func passRow() -> Range<Int> {
    let start = place.offset
    let lineEnd = bytes.firstOffset(of: Self.newline, from: start) ?? bytes.count
    var end = lineEnd
    if bytes[start..<lineEnd].contains(Self.quote) { end = endOfQuotedRow(start) ?? lineEnd }
    place.line += 1
    // Line breaks in quotes; most rows have none.
    if end > lineEnd { place.line += bytes[lineEnd..<end].count { $0 == Self.newline } }
    place.offset = min(end + 1, bytes.count)
    if end > start, bytes[end - 1] == Self.carriageReturn { end -= 1 }
    return start..<end
  }

  /// The next line break outside quotes; nil if quotes are not in pairs or the row is too long.
  ///
  /// Quotes open where a field begins; elsewhere outside of quotes they are letters like others.
  private func endOfQuotedRow(_ start: Int) -> Int? {
    var position = start
    var isAtStart = true
    let limit = min(bytes.count, start + longestRow + 1)
    while position < limit {
      let byte = bytes[position]
      if byte == Self.newline { return position }
      if isAtStart, byte == Self.quote {
        guard let end = endOfQuotes(position, limit) else { return nil }
        position = end
        isAtStart = false
      } else {
        isAtStart = byte == separator
        position += 1
      }
    }
    return position == bytes.count ? position : nil
  }

  /// The position behind the quotes that close those at `start`; nil if none do within `limit`.
  private func endOfQuotes(_ start: Int, _ limit: Int) -> Int? {
    var position = start + 1
    while let quote = bytes.firstOffset(of: Self.quote, from: position), quote < limit {
      guard quote + 1 < bytes.count, bytes[quote + 1] == Self.quote else {
        return isEndOfField(quote + 1) ? quote + 1 : nil
      }
      position = quote + 2
    }
    return nil
  }

  /// True if a field may end before a position.
  private func isEndOfField(_ position: Int) -> Bool {
    guard position < bytes.count else { return true }
    switch bytes[position] {
    case separator, Self.newline: return true
    case Self.carriageReturn:
      return position + 1 == bytes.count || bytes[position + 1] == Self.newline
    default: return false
    }
  }

  private func fields(_ range: Range<Int>) -> Result<[String], Problem> {
    guard range.count <= longestRow else {
      return .failure(Problem(message: "the row is longer than \(longestRow >> 10) KiB"))
    }
    var fields: [String] = []
    var position = range.lowerBound
    while true {
      let end = range.upperBound
      let isQuoted = position < end && bytes[position] == Self.quote
      guard let field = isQuoted ? quoted(&position, end) : plain(&position, end) else {
        return .failure(
          Problem(message: "the row has a zero byte, or quotes that are not in pairs"))
      }
      fields.append(field)
      guard position < range.upperBound else { return .success(fields) }
      position += 1
    }
  }

  /// The field up to the next separator, at which `position` then is.
  private func plain(_ position: inout Int, _ end: Int) -> String? {
    let start = position
    while position < end, bytes[position] != separator { position += 1 }
    let field = bytes[start..<position]
    return field.contains(0) ? nil : PathText.text(field)
  }

  /// The field in quotes; nil if something but a separator follows them.
  private func quoted(_ position: inout Int, _ end: Int) -> String? {
    var field: [UInt8] = []
    position += 1
    while position < end {
      let byte = bytes[position]
      position += 1
      if byte == Self.quote {
        guard position < end, bytes[position] == Self.quote else {
          guard position == end || bytes[position] == separator else { return nil }
          return field.contains(0) ? nil : PathText.text(field)
        }
        position += 1
      }
      field.append(byte)
    }
    return nil
  }
}

/// A row of a CSV file, with its line break; fields that need quotes get them.
package func csvRow(_ fields: [String]) -> String {
  fields.map { field in
    let needsQuotes = field.utf8.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
    return needsQuotes ? quoted(field, "\"", inside: "\"\"") : field
  }.joined(separator: ",") + "\n"
}
