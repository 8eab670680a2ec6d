import DLASystem
import DLAText

/// The samples of a list or a table, in the order of its records.
///
/// The file is mapped, and nothing is kept of its records. Relative paths begin at the image root.
struct TextDataset<Format: RecordFormat>: Dataset {
  let summary: String
  let fingerprint: UInt64
  private let samples: TextSamples<Format>
  private let records: Int

  /// Counts the records, of which there are some.
  ///
  /// - Throws: `DatasetError` that names the first record whose label is out of range: a wrong
  ///   numbering makes the other labels wrong too.
  init(
    _ samples: TextSamples<Format>, fingerprint: UInt64, emptiness: String,
    summary: (Int) -> String
  ) throws(DatasetError) {
    records = try samples.checkedCount()
    guard records > 0 else {
      throw DatasetError("\(printablePath(samples.file.path)): \(emptiness)")
    }
    (self.samples, self.summary) = (samples, summary(records))
    self.fingerprint = samples.file.fingerprint ^ fingerprint
  }

  var count: Int? { records }

  func reader() -> any SampleReader { TextSamples.Reader(samples) }

  /// The same samples in another order; keeps 20 bytes a record.
  func shuffled(seed: UInt64) -> any Dataset {
    ShuffledDataset(
      samples.withPlaces(), summary: summary, fingerprint: fingerprint, seed: seed)
  }
}

/// A list file as PaddleClas uses them: on each line a path, a delimiter and a label.
///
/// The label is what follows the last delimiter, by default a tab or else a space: a number counted
/// from 0, or the name of a class.
struct ListFormat: RecordFormat {
  let root: ImageRoot
  let labels: LabelReader
  let delimiter: UInt8?

  func reader(_ file: TextFile, from place: TextPlace) -> ListReader {
    ListReader(file.bytes, from: place, delimiter: delimiter)
  }

  func sample(_ line: ListReader.Line) -> Result<Sample, SampleError> {
    let number = line.place.line
    switch line.content {
    case .success(let (path, label)): return root.sample(path, label, labels, line: number)
    case .failure(let problem):
      return .failure(
        problem.path.map {
          SampleError(name: PathText.shown($0), message: "\(problem.message), line \(number)")
        } ?? SampleError(name: "line \(number)", message: problem.message))
    }
  }
}

extension TextDataset<ListFormat> {
  /// Maps a list; without an image root, paths begin at the folder of the list.
  init(
    list path: String, imageRoot: String?, delimiter: UInt8?, classes: ClassNames
  ) throws(DatasetError) {
    let file = try TextFile(path: path)
    let root = ImageRoot(imageRoot, besideFile: path)
    try self.init(
      TextSamples(
        file, start: TextPlace(offset: file.start, line: 1),
        format: ListFormat(root: root, labels: LabelReader(classes), delimiter: delimiter)),
      fingerprint: root.fingerprint ^ UInt64(delimiter ?? 0),
      emptiness: "the list is empty; \"path label\" lines are expected"
    ) { "a list of \($0) line\($0 == 1 ? "" : "s")" }
  }
}

/// A CSV file with a header that names its columns, one of them with paths and one with labels.
///
/// Labels are numbers counted from 0, or names of classes.
struct CSVFormat: RecordFormat {
  let root: ImageRoot
  let labels: LabelReader
  let separator: UInt8
  /// The columns of paths and of labels.
  let columns: (image: Int, label: Int)

  func reader(_ file: TextFile, from place: TextPlace) -> CSVReader {
    CSVReader(file.bytes, from: place, separator: separator)
  }

  func sample(_ row: CSVReader.Row) -> Result<Sample, SampleError> {
    let line = row.place.line
    func failed(_ message: String) -> Result<Sample, SampleError> {
      .failure(SampleError(name: "line \(line)", message: message))
    }
    switch row.fields {
    case .failure(let problem): return failed(problem.message)
    case .success(let fields):
      guard fields.count > max(columns.image, columns.label), !fields[columns.image].isEmpty,
        !fields[columns.label].isEmpty
      else { return failed("the row has no image and label") }
      return root.sample(
        fields[columns.image], trimmed(fields[columns.label]), labels, line: line)
    }
  }
}

extension TextDataset<CSVFormat> {
  /// Maps a table and finds its columns by their names, or else by usual ones.
  ///
  /// Fields are separated by commas, or by semicolons or tabs if the header holds no comma.
  init(table source: DatasetSource, classes: ClassNames) throws(DatasetError) {
    let path = source.path
    let file = try TextFile(path: path)
    guard let header = CSVHeader(file) else {
      throw DatasetError("\(printablePath(path)): its first line is not a row of column names")
    }
    let image = try header.column(
      source.imageColumn, usual: CSVHeader.imageColumns, .noImageColumn, path)
    let label = try header.column(
      source.labelColumn, usual: CSVHeader.labelColumns, .noLabelColumn, path)
    let root = ImageRoot(source.imageRoot, besideFile: path)
    try self.init(
      TextSamples(
        file, start: header.end,
        format: CSVFormat(
          root: root, labels: LabelReader(classes), separator: header.separator,
          columns: (image, label))),
      fingerprint: root.fingerprint ^ UInt64(image << 32 | label),
      emptiness: "holds no rows below its header"
    ) {
      "a table of \($0) row\($0 == 1 ? "" : "s"), columns \(printable(header.names[image])) and "
        + printable(header.names[label])
    }
  }
}
