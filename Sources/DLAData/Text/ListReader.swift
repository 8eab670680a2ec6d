import DLASystem

/// The lines of a list file: a path, a delimiter, a label; empty lines are skipped.
struct ListReader: RecordReader {
  /// One line, or why it can't be read.
  struct Line {
    let place: TextPlace
    let content: Result<(path: String, label: String), Problem>
  }

  /// The problem with a line, and the line's name if there is one.
  struct Problem: Error {
    let message: String
    var path: String?
  }

  private static let longestLine = 1 << 13
  private static let newline = UInt8(ascii: "\n")
  private static let tab = UInt8(ascii: "\t")

  private let bytes: UnsafeRawBufferPointer
  /// The byte before the label; nil for the last tab or else the last space.
  private let delimiter: UInt8?
  private var place: TextPlace

  /// Reads lines of text that outlives the reader.
  init(_ bytes: UnsafeRawBufferPointer, from place: TextPlace, delimiter: UInt8? = nil) {
    (self.bytes, self.place, self.delimiter) = (bytes, place, delimiter)
  }

  var position: Int { place.offset }

  /// The next line that is not empty; nil after the last.
  mutating func next() -> Line? {
    guard let (start, range) = nextRange() else { return nil }
    return Line(place: start, content: content(bytes[range]))
  }

  /// Skips a line that is not empty, and returns where it begins; nil after the last.
  mutating func skip() -> TextPlace? { nextRange()?.0 }

  private mutating func nextRange() -> (TextPlace, Range<Int>)? {
    while place.offset < bytes.count {
      let start = place
      let end = bytes.firstOffset(of: Self.newline, from: start.offset) ?? bytes.count
      place = TextPlace(offset: min(end + 1, bytes.count), line: start.line + 1)
      let first = bytes[start.offset..<end].firstIndex { !Self.isSpace($0) }
      if let first { return (start, first..<end) }
    }
    return nil
  }

  private func content(
    _ line: Slice<UnsafeRawBufferPointer>
  ) -> Result<(path: String, label: String), Problem> {
    guard line.count <= Self.longestLine else {
      return .failure(Problem(message: "the line is longer than \(Self.longestLine >> 10) KiB"))
    }
    guard !line.contains(0) else {
      return .failure(Problem(message: "the line contains a zero byte"))
    }
    let line = line[..<((line.lastIndex { !Self.isSpace($0) } ?? line.startIndex) + 1)]
    // Paths may hold spaces; labels only where another delimiter parts them.
    let end =
      delimiter.map { byte in line.lastIndex { $0 == byte } }
      ?? (line.lastIndex { $0 == Self.tab } ?? line.lastIndex(where: Self.isSpace))
    guard let end, let last = line[..<end].lastIndex(where: { !Self.isSpace($0) }),
      let label = line[(end + 1)...].firstIndex(where: { !Self.isSpace($0) })
    else {
      let message = "there is no label; \"path label\" is expected"
      return .failure(Problem(message: message, path: PathText.text(line)))
    }
    return .success((PathText.text(line[...last]), PathText.text(line[label...])))
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }
}
