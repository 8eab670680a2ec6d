import DLASystem
import DLAText

/// A folder of class folders, with images at any depth below each.
///
/// Folders map to classes by name, by identifier such as ImageNet's synsets, or by number, if every
/// folder matches; there may be fewer folders than classes then. Otherwise there must be as many, and
/// they are the classes in the order of their names' bytes, as in torchvision's `ImageFolder`. Memory:
/// about 80 bytes for each file of one folder.
public struct ClassFolderDataset: Dataset {
  /// The number of folders and how they map to classes.
  public let summary: String
  /// Images in all.
  public let count: Int?
  /// A hash of all names below the folder in their order, with their classes.
  public let fingerprint: UInt64

  private let path: String
  private let folders: [ClassFolder]

  /// Finds class folders and counts their images.
  ///
  /// - Parameters:
  ///   - path: the folder.
  ///   - classes: the classes of the labels.
  /// - Throws: `DatasetError` if the folders don't match the classes, or hold no images.
  public init(_ path: String, classes: ClassNames) throws(DatasetError) {
    guard let contents = Folder.contents(of: path) else {
      throw DatasetError("\(printablePath(path)): the folder can't be read")
    }
    let names = contents.compactMap { name, kind in
      if case .folder = kind { name } else { nil as String? }
    }
    let loose = contents.count { $0.kind == .file && ImageWalk.isNamedAsImage($0.name) }
    guard !names.isEmpty else {
      throw DatasetError(
        "\(printablePath(path)): the folder holds \(loose == 0 ? "no" : "\(loose)") images and no "
          + "folders; a folder for each class is expected, or a list file with \"path label\" lines"
      )
    }
    let order = try Self.labels(of: names, classes, path)
    self.path = path
    folders = zip(names, order.labels).map { ClassFolder(name: $0, label: $1) }
    var total = Contents()
    var reader = ClassFolderReader(path, folders)
    while let entry = reader.next() { total.add(entry, below: path) }
    guard total.images > 0 else {
      throw DatasetError(
        "\(printablePath(path)): its \(names.count) folders hold no JPEG, PNG or WebP file")
    }
    count = total.entries
    fingerprint = total.fingerprint
    let folderCount = "\(names.count) class folder\(names.count == 1 ? "" : "s")"
    let left = reader.passedOver + loose
    summary =
      "\(folderCount) \(order.words)"
      + (left > 0 ? "; \(left) file\(left == 1 ? "" : "s") of other kinds or places left out" : "")
  }

  /// The contents of the folders, counted.
  private struct Contents {
    var entries = 0
    var images = 0
    var fingerprint: UInt64 = 0

    mutating func add(_ entry: Result<Sample, SampleError>, below folder: String) {
      entries += 1
      guard case .success(let sample) = entry else { return }
      images += 1
      // However the folder was called: `pets` and `./pets` are the same images.
      let name = sample.name.utf8.dropFirst(folder.utf8.count)
      let line = Array("\(sample.label) ".utf8) + name.drop { $0 == UInt8(ascii: "/") } + [0]
      // Multiplied by an odd number, so that the order counts.
      fingerprint = fingerprint &* 0x9E37_79B9_7F4A_7C15 &+ line.withUnsafeBytes { xxHash64($0) }
    }
  }

  private static func labels(
    of names: [String], _ classes: ClassNames, _ path: String
  ) throws(DatasetError) -> (labels: [Int], words: String) {
    // Only here are names distinguished by case.
    if names == classes.names { return (Array(names.indices), "matched by name") }
    let reader = LabelReader(classes)
    let named = names.map(reader.index(named:))
    if let labels = named as? [Int] { return (labels, "matched by name") }
    let numbers = names.compactMap { Int($0) }.filter { (0..<classes.count).contains($0) }
    if numbers.count == names.count, Set(numbers).count == names.count {
      return (numbers, "matched by number")
    }
    // If some folders have the name of a class, the others are misnamed.
    guard names.count != classes.count || named.contains(where: { $0 != nil }) else {
      let first = names.prefix(4).map { printable($0, limit: 20) }.joined(separator: ", ")
      return (
        Array(names.indices), "in alphabetical order: \(first)\(names.count > 4 ? ", …" : "")"
      )
    }
    let unknown = zip(names, named).first { $0.1 == nil }?.0 ?? ""
    throw DatasetError(
      .unknownClassFolder,
      "\(printablePath(path)): holds \(names.count) folders for \(classes.count) classes, and "
        + "\"\(printable(unknown))\" is the name of none; give the names of the classes, or weights for "
        + "\(names.count) classes")
  }

  /// Starts to read at the first class's first image.
  ///
  /// - Returns: a reader.
  public func reader() -> any SampleReader { ClassFolderReader(path, folders) }

  /// The same images in another order; their names are kept in memory, some 60 bytes each.
  ///
  /// - Parameter seed: any number.
  /// - Returns: the shuffled dataset.
  public func shuffled(seed: UInt64) -> any Dataset {
    var reader = ClassFolderReader(path, folders)
    var names = PackedNames()
    while let entry = reader.next() {
      switch entry {
      case .success(let sample): names.append(sample.name, number: sample.label)
      case .failure(let error):
        names.append(error.name, number: error.isEmptyClass ? empty : unreadable)
      }
    }
    return ShuffledDataset(
      ClassFolderIndex(names: names), summary: summary, fingerprint: fingerprint, seed: seed)
  }
}

private struct ClassFolder: Sendable {
  let name: String
  let label: Int
}

/// Reads one class folder after another.
private struct ClassFolderReader: SampleReader {
  private let path: String
  private var folders: ArraySlice<ClassFolder>
  private var walk: ImageWalk?
  private var hasFound = false
  /// Files that are no images, up to here.
  private(set) var passedOver = 0

  init(_ path: String, _ folders: [ClassFolder]) {
    self.path = path
    self.folders = folders[...]
  }

  mutating func next() -> Result<Sample, SampleError>? {
    while let folder = folders.first {
      let folderPath = ImageWalk.join(path, folder.name)
      if walk == nil { walk = ImageWalk(folderPath) }
      let found = walk?.next()
      defer { hasFound = found != nil }
      switch found {
      case .image(let path):
        return .success(Sample(name: path, content: .file(path: path), label: folder.label))
      case .unreadable(let path):
        return .failure(SampleError(name: path, message: unreadableFolder))
      case nil:
        passedOver += walk?.passedOver ?? 0
        walk = nil
        folders.removeFirst()
        if !hasFound { return .failure(noImages(in: folderPath)) }
      }
    }
    return nil
  }
}

private let unreadableFolder = "the folder can't be read; what it holds was left out"

private func noImages(in folder: String) -> SampleError {
  SampleError(
    name: folder, message: "the folder holds no JPEG, PNG or WebP file", isEmptyClass: true)
}

/// Stand for labels where there is no image.
private let unreadable = -1
private let empty = -2

/// The images of class folders by their place.
private struct ClassFolderIndex: SampleIndex {
  let names: PackedNames

  var count: Int { names.count }

  func sample(at place: Int) -> Result<Sample, SampleError> {
    let (path, label) = names[place]
    switch label {
    case unreadable: return .failure(SampleError(name: path, message: unreadableFolder))
    case empty: return .failure(noImages(in: path))
    default: return .success(Sample(name: path, content: .file(path: path), label: label))
    }
  }
}
