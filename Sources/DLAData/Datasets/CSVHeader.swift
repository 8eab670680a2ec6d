import DLAText

/// The first row of a table: the names of its columns.
struct CSVHeader {
  static let imageColumns = [
    "path", "file", "filename", "file_name", "image", "image_path", "filepath", "image_id",
  ]
  static let labelColumns = ["label", "class", "class_id", "target", "category", "synset", "y"]

  let names: [String]
  let separator: UInt8
  /// The start of the rows.
  let end: TextPlace

  /// Reads the header; nil if the file does not begin with a row.
  init?(_ file: TextFile) {
    let start = TextPlace(offset: file.start, line: 1)
    let separators = [",", ";", "\t"].compactMap(\.utf8.first)
    let newline = UInt8(ascii: "\n")
    let lineEnd = file.bytes.firstOffset(of: newline, from: start.offset) ?? file.bytes.count
    let line = file.bytes[start.offset..<lineEnd].prefix(CSVReader.longestRow)
    separator = separators.first(where: line.contains) ?? separators[0]
    var rows = CSVReader(file.bytes, from: start, separator: separator)
    guard let row = rows.next(), case .success(let names) = row.fields else { return nil }
    self.names = names.map(trimmed)
    end = rows.place
  }

  /// True if the columns are those of a list of images.
  var namesImages: Bool {
    names.count > 1 && names.contains { Self.imageColumns.contains($0.lowercased()) }
  }

  /// The index of the column called `name`, or of the first with a usual name.
  func column(
    _ name: String?, usual: [String], _ code: DatasetError.Code, _ path: String
  ) throws(DatasetError) -> Int {
    let wanted = name.map { [$0.lowercased()] } ?? usual
    let lower = names.map { $0.lowercased() }
    if let place = wanted.lazy.compactMap(lower.firstIndex).first { return place }
    guard !names.contains(where: ImageWalk.isNamedAsImage) else {
      throw DatasetError(
        "\(printablePath(path)): its first line names an image; a line of column names is expected "
          + "before it, for instance path,label")
    }
    let found = names.prefix(20).map { printable($0) }.joined(separator: ", ")
    throw DatasetError(
      code,
      "\(printablePath(path)): has columns \(found), but "
        + (name.map { "none named \(printable($0))" } ?? "none of \(usual.joined(separator: ", "))")
        + "; name the one to use")
  }
}

func trimmed(_ field: String) -> String {
  let inner = field.drop { $0 == " " }
  return String(
    inner[..<(inner.lastIndex { $0 != " " }.map(inner.index(after:)) ?? inner.startIndex)])
}
