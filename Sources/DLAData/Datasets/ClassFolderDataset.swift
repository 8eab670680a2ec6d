import DLACore

/// A folder of folders, one a class, with pictures at any depth below each.
///
/// Where every folder is named as one of the classes, by name or by identifier such as ImageNet's
/// synsets, its name decides, and there may be fewer folders than classes. Otherwise there must be as
/// many, and they are the classes in the order of their names' bytes, as torchvision's `ImageFolder`
/// has it.
public struct ClassFolderDataset: Dataset {
  /// What the folders are and which order was used.
  public let summary: String
  /// Pictures in all.
  public let count: Int?

  private let path: String
  private let folders: [ClassFolder]

  /// Looks for class folders and counts what is in them.
  ///
  /// - Parameters:
  ///   - path: the folder.
  ///   - classes: the classes to tell apart.
  /// - Throws: `DatasetError` if the folders can't be brought together with the classes, or hold no
  ///   pictures.
  public init(_ path: String, classes: ClassNames) throws(DatasetError) {
    guard let contents = Folder.contents(of: path) else {
      throw DatasetError("\(printable(path)): the folder can't be read")
    }
    let names = contents.compactMap { name, kind in
      if case .folder = kind { name } else { nil as String? }
    }
    let loose = contents.count { $0.kind == .file && ImageWalk.isNamedAsImage($0.name) }
    guard !names.isEmpty else {
      throw DatasetError(
        "\(printable(path)): the folder holds \(loose == 0 ? "no" : "\(loose)") pictures and no "
          + "folders; a folder for each class is expected, or a list file with \"path label\" lines"
      )
    }
    let order = try Self.labels(of: names, classes, path)
    self.path = path
    folders = zip(names, order.labels).map { ClassFolder(name: $0, label: $1) }
    var count = 0
    var reader = ClassFolderReader(path, folders)
    while reader.next() != nil { count += 1 }
    guard count > 0 else {
      throw DatasetError(
        "\(printable(path)): its \(names.count) folders hold no JPEG, PNG or WebP file")
    }
    self.count = count
    let left = loose == 0 ? "" : "; \(loose) pictures beside them are left out"
    summary = "\(names.count) class folder\(names.count == 1 ? "" : "s") \(order.words)\(left)"
  }

  private static func labels(
    of names: [String], _ classes: ClassNames, _ path: String
  ) throws(DatasetError) -> (labels: [Int], words: String) {
    let reader = LabelReader(classes)
    let named = names.map(reader.index(named:))
    if let labels = named as? [Int] { return (labels, "told by their names") }
    guard names.count != classes.count else {
      return (Array(names.indices), "in alphabetical order")
    }
    let unknown = zip(names, named).first { $0.1 == nil }?.0 ?? ""
    throw DatasetError(
      "\(printable(path)): holds \(names.count) folders for \(classes.count) classes, and "
        + "\"\(printable(unknown))\" is the name of none; give the names of the classes with --labels, "
        + "or weights for \(names.count) classes")
  }

  /// Starts to read at the first class's first picture.
  ///
  /// - Returns: what reads.
  public func reader() -> any SampleReader { ClassFolderReader(path, folders) }

  /// The same pictures in another order; their names are kept in memory, some 60 bytes each.
  ///
  /// - Parameter seed: any number.
  /// - Returns: the shuffled dataset.
  public func shuffled(seed: UInt64) -> any Dataset {
    var reader = ClassFolderReader(path, folders)
    var names = PackedNames()
    while let entry = reader.next() {
      switch entry {
      case .success(let sample): names.append(sample.name, number: sample.label)
      case .failure(let error): names.append(error.name, number: -1)
      }
    }
    return ShuffledDataset(
      ClassFolderIndex(names: names), summary: summary, seed: seed)
  }
}

/// A folder whose pictures are of one class.
private struct ClassFolder: Sendable {
  let name: String
  let label: Int
}

/// Reads one class folder after another.
private struct ClassFolderReader: SampleReader {
  private let path: String
  private var folders: ArraySlice<ClassFolder>
  private var walk: ImageWalk?

  init(_ path: String, _ folders: [ClassFolder]) {
    self.path = path
    self.folders = folders[...]
  }

  mutating func next() -> Result<Sample, SampleError>? {
    while let folder = folders.first {
      if walk == nil { walk = ImageWalk(ImageWalk.join(path, folder.name)) }
      switch walk?.next() {
      case .image(let path):
        return .success(Sample(name: path, content: .file(path: path), label: folder.label))
      case .unreadable(let path):
        return .failure(unreadableFolder(path))
      case nil:
        walk = nil
        folders.removeFirst()
      }
    }
    return nil
  }
}

private func unreadableFolder(_ path: String) -> SampleError {
  SampleError(name: path, message: "the folder can't be read; what it holds was left out")
}

/// The pictures of class folders by their place.
private struct ClassFolderIndex: SampleIndex {
  let names: PackedNames

  var count: Int { names.count }

  func sample(at place: Int) -> Result<Sample, SampleError> {
    let (path, label) = names[place]
    return label < 0
      ? .failure(unreadableFolder(path))
      : .success(Sample(name: path, content: .file(path: path), label: label))
  }
}
