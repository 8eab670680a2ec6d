import DLACore

/// The rows of a CSV file (RFC 4180), one after another.
///
/// Fields may stand in quotes and then hold separators, line breaks and doubled quotes. Rows end in LF,
/// CRLF or the end of the file; empty lines are passed over.
package struct CSVReader {
  /// One row, or why it can't be read; reading goes on behind it.
  package struct Row {
    /// Where it begins.
    let place: TextPlace
    /// Its fields, or what is wrong with it.
    package let fields: Result<[String], Problem>
  }

  /// What is wrong with a row, in a few words.
  package struct Problem: Error, Equatable {
    package let message: String
  }

  /// The most bytes of a row; nothing that is longer is a path and some numbers.
  static let longestRow = 1 << 16

  private let bytes: UnsafeRawBufferPointer
  private let separator: UInt8
  /// Where the next row begins.
  private(set) var place: TextPlace

  private static let quote = UInt8(ascii: "\"")
  private static let newline = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  /// Reads rows of text that outlives the reader.
  init(_ bytes: UnsafeRawBufferPointer, from place: TextPlace, separator: UInt8) {
    self.bytes = bytes
    self.place = place
    self.separator = separator
  }

  /// Reads rows from the start of text that outlives the reader, parted by commas.
  package init(_ bytes: UnsafeRawBufferPointer) {
    self.init(bytes, from: TextPlace(offset: 0, line: 1), separator: UInt8(ascii: ","))
  }

  /// The position behind the last row.
  package var position: Int { place.offset }

  /// The next row; nil behind the last.
  package mutating func next() -> Row? {
    while place.offset < bytes.count {
      let start = place
      let range = passRow()
      guard !range.isEmpty else { continue }
      return Row(place: start, fields: fields(range))
    }
    return nil
  }

  /// Passes over rows, and counts them, without looking into their fields.
  package mutating func count() -> Int {
    var rows = 0
    while place.offset < bytes.count { rows += passRow().isEmpty ? 0 : 1 }
    return rows
  }

  /// Steps behind the next line break outside quotes, or inside if the row would be too long.
  ///
  /// - Returns: the row without its line break.
  private mutating func passRow() -> Range<Int> {
    let start = place.offset
    var end = start
    var quotes = 0
    while true {
      let begin = end
      end = bytes.firstOffset(of: Self.newline, from: begin) ?? bytes.count
      place.line += 1
      // Quotes come in pairs; a line break after an odd one is inside of them.
      quotes += bytes[begin..<end].count { $0 == Self.quote }
      guard quotes % 2 == 1, end < bytes.count, end - start <= Self.longestRow else { break }
      end += 1
    }
    place.offset = min(end + 1, bytes.count)
    if end > start, bytes[end - 1] == Self.carriageReturn { end -= 1 }
    return start..<end
  }

  private func fields(_ range: Range<Int>) -> Result<[String], Problem> {
    guard range.count <= Self.longestRow else {
      return .failure(Problem(message: "the row is longer than \(Self.longestRow >> 10) KiB"))
    }
    var fields: [String] = []
    var position = range.lowerBound
    while true {
      let end = range.upperBound
      let isQuoted = position < end && bytes[position] == Self.quote
      guard let field = isQuoted ? quoted(&position, end) : plain(&position, end) else {
        return .failure(Problem(message: "the row is not UTF-8 text with quotes in pairs"))
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
    return text(bytes[start..<position])
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
          return field.contains(0) ? nil : String(validating: field, as: UTF8.self)
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
    return needsQuotes ? "\"" + field.replacing("\"", with: "\"\"") + "\"" : field
  }.joined(separator: ",") + "\n"
}
