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

  private let samples: TextSamples<ListFormat>

  /// Maps a list and counts its lines.
  ///
  /// - Parameters:
  ///   - path: the list.
  ///   - imageRoot: where relative paths begin; nil for the folder that the list is in.
  ///   - classes: the classes of the labels.
  /// - Throws: `DatasetError` if it can't be read or has no lines.
  public init(_ path: String, imageRoot: String? = nil, classes: ClassNames) throws(DatasetError) {
    let file = try TextFile(path: path)
    let root = ImageRoot(imageRoot, besideFile: path)
    samples = TextSamples(
      file, start: TextPlace(offset: file.start, line: 1),
      format: ListFormat(root: root, labels: LabelReader(classes)))
    let count = samples.counted()
    guard count > 0 else {
      throw DatasetError(
        "\(printablePath(path)): the list is empty; \"path label\" lines are expected")
    }
    self.count = count
    fingerprint = file.fingerprint ^ root.fingerprint
    summary = "a list of \(count) line\(count == 1 ? "" : "s")"
  }

  /// Starts to read at the first line.
  ///
  /// - Returns: a reader.
  public func reader() -> any SampleReader { TextSamples.Reader(samples) }

  /// The same lines in another order; keeps 20 bytes a line.
  ///
  /// - Parameter seed: any number.
  /// - Returns: the shuffled dataset.
  public func shuffled(seed: UInt64) -> any Dataset {
    ShuffledDataset(
      samples.withPlaces(), summary: summary, fingerprint: fingerprint, seed: seed)
  }
}

private struct ListFormat: RecordFormat {
  let root: ImageRoot
  let labels: LabelReader

  func reader(_ file: TextFile, from place: TextPlace) -> ListReader {
    ListReader(file.bytes, from: place)
  }

  func sample(_ line: ListReader.Line) -> Result<Sample, SampleError> {
    let number = line.place.line
    switch line.content {
    case .success(let (path, label)): return root.sample(path, label, labels, line: number)
    case .failure(let problem):
      return .failure(
        problem.path.map { SampleError(name: $0, message: "\(problem.message), line \(number)") }
          ?? SampleError(name: "line \(number)", message: problem.message))
    }
  }
}
