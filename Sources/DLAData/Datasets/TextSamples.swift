import DLAText

/// The records of a text file, lines or rows, of which each means a sample.
protocol RecordReader {
  associatedtype Record

  /// The position after the last record.
  var position: Int { get }
  mutating func next() -> Record?
  /// Skips a record, and returns where it begins; nil after the last.
  mutating func skip() -> TextPlace?
}

/// The format of a text file of samples.
protocol RecordFormat: Sendable {
  associatedtype Reader: RecordReader

  func reader(_ file: TextFile, from place: TextPlace) -> Reader
  func sample(_ record: Reader.Record) -> Result<Sample, SampleError>
}

/// The samples of a text file, of which nothing is kept but the places of records if they are needed.
struct TextSamples<Format: RecordFormat>: SampleIndex {
  let file: TextFile
  let start: TextPlace
  let format: Format
  private var places: [TextPlace] = []

  init(_ file: TextFile, start: TextPlace, format: Format) {
    (self.file, self.start, self.format) = (file, start, format)
  }

  var count: Int { places.count }

  /// The number of records, after all labels were looked at.
  func checkedCount() throws(DatasetError) -> Int {
    var reader = Reader(self)
    var count = 0
    while let sample = reader.next() {
      count += 1
      if case .failure(let error) = sample, error.kind == .wrongNumbering {
        throw DatasetError(.labelOutOfRange, "\(printablePath(file.path)): \(error)")
      }
    }
    return count
  }

  /// The same samples with random access; keeps 16 bytes a record.
  func withPlaces() -> Self {
    var samples = self
    var reader = format.reader(file, from: start)
    var released = 0
    while let place = reader.skip() {
      samples.places.append(place)
      file.pass(reader.position, released: &released)
    }
    return samples
  }

  func sample(at index: Int) -> Result<Sample, SampleError> {
    var reader = format.reader(file, from: places[index])
    guard let record = reader.next() else {
      return .failure(
        SampleError(name: "line \(places[index].line)", message: "the file was cut off"))
    }
    return format.sample(record)
  }

  struct Reader: SampleReader {
    private let samples: TextSamples
    private var records: Format.Reader
    private var released = 0

    init(_ samples: TextSamples) {
      self.samples = samples
      records = samples.format.reader(samples.file, from: samples.start)
    }

    mutating func next() -> Result<Sample, SampleError>? {
      defer { samples.file.pass(records.position, released: &released) }
      return records.next().map(samples.format.sample)
    }

    mutating func skip(_ count: Int) {
      for _ in 0..<count where records.skip() == nil { return }
    }
  }
}
