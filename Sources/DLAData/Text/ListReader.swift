/// The lines of a list file: a path, spaces, a label; empty lines are skipped.
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
  private var place: TextPlace

  /// Reads lines of text that outlives the reader.
  init(_ bytes: UnsafeRawBufferPointer, from place: TextPlace) {
    (self.bytes, self.place) = (bytes, place)
  }

  var position: Int { place.offset }

  /// The next line that is not empty; nil after the last.
  mutating func next() -> Line? {
    guard let (start, range) = nextRange() else { return nil }
    return Line(place: start, content: Self.content(bytes[range]))
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

  private static func content(
    _ line: Slice<UnsafeRawBufferPointer>
  ) -> Result<(path: String, label: String), Problem> {
    guard line.count <= longestLine else {
      return .failure(Problem(message: "the line is longer than \(longestLine >> 10) KiB"))
    }
    let end = (line.lastIndex { !isSpace($0) } ?? line.startIndex) + 1
    guard let line = text(line[..<end]) else {
      return .failure(Problem(message: "the line is not UTF-8 text"))
    }
    // Paths may hold spaces; labels only where a tab parts them.
    let space = line.utf8.lastIndex { $0 == tab } ?? line.utf8.lastIndex(where: isSpace)
    guard let space, let last = line.utf8[..<space].lastIndex(where: { !isSpace($0) }) else {
      return .failure(Problem(message: "there is no label; \"path label\" is expected", path: line))
    }
    let path = line[..<line.utf8.index(after: last)]
    return .success((String(path), String(line[line.utf8.index(after: space)...])))
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }
}
