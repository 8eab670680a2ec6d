import DLAText

/// A CSV file with a header that names its columns, one of them with paths and one with labels.
///
/// Labels are numbers counted from 0, or names of classes. Relative paths begin at the image root. The
/// file is mapped, and nothing is kept of its rows.
public struct CSVDataset: Dataset {
  /// The number of rows and the columns in use.
  public let summary: String
  /// Rows below the header.
  public let count: Int?

  /// A hash of the file, of where its paths begin and of the columns.
  public let fingerprint: UInt64

  private let index: CSVIndex

  /// Maps a file, finds the columns and counts the rows.
  ///
  /// - Parameters:
  ///   - path: the file; fields are separated by commas, or by semicolons or tabs if its header
  ///     holds no comma.
  ///   - imageRoot: where relative paths begin; nil for the folder that the file is in.
  ///   - imageColumn: the name of the column with paths; nil for the first usual one.
  ///   - labelColumn: the name of the column with labels; nil for the first usual one.
  ///   - classes: the classes of the labels.
  /// - Throws: `DatasetError` if it can't be read, lacks a column or has no rows.
  public init(
    _ path: String, imageRoot: String? = nil, imageColumn: String? = nil,
    labelColumn: String? = nil, classes: ClassNames
  ) throws(DatasetError) {
    let file = try TextFile(path: path)
    guard let header = CSVHeader(file) else {
      throw DatasetError("\(printablePath(path)): its first line is not a row of column names")
    }
    let image = try header.column(imageColumn, usual: CSVHeader.imageColumns, .noImageColumn, path)
    let label = try header.column(labelColumn, usual: CSVHeader.labelColumns, .noLabelColumn, path)
    index = CSVIndex(
      file: file, root: ImageRoot(imageRoot, besideFile: path), labels: LabelReader(classes),
      start: header.end, separator: header.separator, image: image, label: label)
    var rows = index.rows()
    var count = 0
    var released = 0
    while rows.skip() != nil {
      count += 1
      file.pass(rows.position, released: &released)
    }
    guard count > 0 else {
      throw DatasetError("\(printablePath(path)): holds no rows below its header")
    }
    self.count = count
    fingerprint = file.fingerprint ^ index.root.fingerprint ^ UInt64(image << 32 | label)
    summary =
      "a table of \(count) row\(count == 1 ? "" : "s"), columns \(printable(header.names[image])) "
      + "and \(printable(header.names[label]))"
  }

  /// Starts to read at the first row.
  ///
  /// - Returns: a reader.
  public func reader() -> any SampleReader { CSVSampleReader(index) }

  /// The same rows in another order; keeps 20 bytes a row.
  ///
  /// - Parameter seed: any number.
  /// - Returns: the shuffled dataset.
  public func shuffled(seed: UInt64) -> any Dataset {
    var index = index
    var rows = index.rows()
    var released = 0
    while let place = rows.skip() {
      index.places.append(place)
      index.file.pass(rows.position, released: &released)
    }
    return ShuffledDataset(index, summary: summary, fingerprint: fingerprint, seed: seed)
  }
}

/// Makes samples from rows, and stores the positions of rows if they are needed.
private struct CSVIndex: SampleIndex {
  let file: TextFile
  let root: ImageRoot
  let labels: LabelReader
  let start: TextPlace
  let separator: UInt8
  let image: Int
  let label: Int
  var places: [TextPlace] = []

  var count: Int { places.count }

  func rows(from place: TextPlace? = nil) -> CSVReader {
    CSVReader(file.bytes, from: place ?? start, separator: separator)
  }

  func sample(at place: Int) -> Result<Sample, SampleError> {
    var rows = rows(from: places[place])
    guard let row = rows.next() else { return .failure(wrong("the row is gone", places[place])) }
    return sample(row)
  }

  func sample(_ row: CSVReader.Row) -> Result<Sample, SampleError> {
    switch row.fields {
    case .failure(let problem): return .failure(wrong(problem.message, row.place))
    case .success(let fields):
      guard fields.count > max(image, label), !fields[image].isEmpty, !fields[label].isEmpty else {
        return .failure(wrong("the row has no image and label", row.place))
      }
      return root.sample(fields[image], trimmed(fields[label]), labels, line: row.place.line)
    }
  }

  private func wrong(_ message: String, _ place: TextPlace) -> SampleError {
    SampleError(name: "line \(place.line)", message: message)
  }
}

/// Reads row after row.
private struct CSVSampleReader: SampleReader {
  private let index: CSVIndex
  private var rows: CSVReader
  private var released = 0

  init(_ index: CSVIndex) {
    self.index = index
    rows = index.rows()
  }

  mutating func next() -> Result<Sample, SampleError>? {
    defer { index.file.pass(rows.position, released: &released) }
    return rows.next().map(index.sample)
  }

  mutating func skip(_ count: Int) {
    for _ in 0..<count where rows.skip() == nil { return }
  }
}
