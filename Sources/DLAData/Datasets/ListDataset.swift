import DLAText

/// A list file as PaddleClas uses them: on each line a path, a space and a label.
///
/// The label is what follows the last space: a number counted from 0, or the name of a class. Relative
/// paths begin at the image root. The file is mapped, and nothing is kept of its lines.
public struct ListDataset: Dataset {
  /// The number of lines.
  public let summary: String
  /// Lines that are not empty.
  public let count: Int?

  /// A hash of the list and of where its paths begin.
  public let fingerprint: UInt64

  private let index: ListIndex

  /// Maps a list and counts its lines.
  ///
  /// - Parameters:
  ///   - path: the list.
  ///   - imageRoot: where relative paths begin; nil for the folder that the list is in.
  ///   - classes: the classes of the labels.
  /// - Throws: `DatasetError` if it can't be read or has no lines.
  public init(_ path: String, imageRoot: String? = nil, classes: ClassNames) throws(DatasetError) {
    let file = try TextFile(path: path)
    index = ListIndex(
      file: file, root: ImageRoot(imageRoot, besideFile: path), labels: LabelReader(classes))
    var lines = ListReader(file.bytes, from: index.start)
    var count = 0
    var released = 0
    while lines.skip() != nil {
      count += 1
      file.pass(lines.position, released: &released)
    }
    guard count > 0 else {
      throw DatasetError(
        "\(printablePath(path)): the list is empty; \"path label\" lines are expected")
    }
    self.count = count
    fingerprint = file.fingerprint ^ index.root.fingerprint
    summary = "a list of \(count) line\(count == 1 ? "" : "s")"
  }

  /// Starts to read at the first line.
  ///
  /// - Returns: a reader.
  public func reader() -> any SampleReader { ListSampleReader(index) }

  /// The same lines in another order; keeps 20 bytes a line.
  ///
  /// - Parameter seed: any number.
  /// - Returns: the shuffled dataset.
  public func shuffled(seed: UInt64) -> any Dataset {
    var index = index
    var lines = ListReader(index.file.bytes, from: index.start)
    var released = 0
    while let place = lines.skip() {
      index.places.append(place)
      index.file.pass(lines.position, released: &released)
    }
    return ShuffledDataset(index, summary: summary, fingerprint: fingerprint, seed: seed)
  }
}

/// Makes samples from lines, and stores the positions of lines if they are needed.
private struct ListIndex: SampleIndex {
  let file: TextFile
  let root: ImageRoot
  let labels: LabelReader
  var places: [TextPlace] = []

  var start: TextPlace { TextPlace(offset: file.start, line: 1) }
  var count: Int { places.count }

  func sample(at place: Int) -> Result<Sample, SampleError> {
    var reader = ListReader(file.bytes, from: places[place])
    guard let line = reader.next() else { return .failure(wrong(places[place].line, nil, "")) }
    return sample(line)
  }

  func sample(_ line: ListReader.Line) -> Result<Sample, SampleError> {
    switch line.content {
    case .failure(let problem):
      return .failure(wrong(line.place.line, problem.path, problem.message))
    case .success(let (path, label)):
      return root.sample(path, label, labels, line: line.place.line)
    }
  }

  private func wrong(_ line: Int, _ path: String?, _ message: String) -> SampleError {
    path.map { SampleError(name: $0, message: "\(message), line \(line)") }
      ?? SampleError(name: "line \(line)", message: message)
  }
}

/// Reads line after line.
private struct ListSampleReader: SampleReader {
  private let index: ListIndex
  private var lines: ListReader
  private var released = 0

  init(_ index: ListIndex) {
    self.index = index
    lines = ListReader(index.file.bytes, from: index.start)
  }

  mutating func next() -> Result<Sample, SampleError>? {
    defer { index.file.pass(lines.position, released: &released) }
    return lines.next().map(index.sample)
  }

  mutating func skip(_ count: Int) {
    for _ in 0..<count where lines.skip() == nil { return }
  }
}
