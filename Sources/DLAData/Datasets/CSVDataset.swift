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

  private let samples: TextSamples<CSVFormat>

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
    let root = ImageRoot(imageRoot, besideFile: path)
    samples = TextSamples(
      file, start: header.end,
      format: CSVFormat(
        root: root, labels: LabelReader(classes), separator: header.separator, image: image,
        label: label))
    let count = samples.counted()
    guard count > 0 else {
      throw DatasetError("\(printablePath(path)): holds no rows below its header")
    }
    self.count = count
    fingerprint = file.fingerprint ^ root.fingerprint ^ UInt64(image << 32 | label)
    summary =
      "a table of \(count) row\(count == 1 ? "" : "s"), columns \(printable(header.names[image])) "
      + "and \(printable(header.names[label]))"
  }

  /// Starts to read at the first row.
  ///
  /// - Returns: a reader.
  public func reader() -> any SampleReader { TextSamples.Reader(samples) }

  /// The same rows in another order; keeps 20 bytes a row.
  ///
  /// - Parameter seed: any number.
  /// - Returns: the shuffled dataset.
  public func shuffled(seed: UInt64) -> any Dataset {
    ShuffledDataset(
      samples.withPlaces(), summary: summary, fingerprint: fingerprint, seed: seed)
  }
}

private struct CSVFormat: RecordFormat {
  let root: ImageRoot
  let labels: LabelReader
  let separator: UInt8
  let image: Int
  let label: Int

  func reader(_ file: TextFile, from place: TextPlace) -> CSVReader {
    CSVReader(file.bytes, from: place, separator: separator)
  }

  func sample(_ row: CSVReader.Row) -> Result<Sample, SampleError> {
    switch row.fields {
    case .failure(let problem): return .failure(wrong(problem.message, row))
    case .success(let fields):
      guard fields.count > max(image, label), !fields[image].isEmpty, !fields[label].isEmpty else {
        return .failure(wrong("the row has no image and label", row))
      }
      return root.sample(fields[image], trimmed(fields[label]), labels, line: row.place.line)
    }
  }

  private func wrong(_ message: String, _ row: CSVReader.Row) -> SampleError {
    SampleError(name: "line \(row.place.line)", message: message)
  }
}
