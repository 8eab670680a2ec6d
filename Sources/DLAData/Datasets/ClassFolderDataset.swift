import DLASystem
import DLAText

/// A folder of class folders, with images at any depth below each.
///
/// Folders map to classes by name, by identifier such as ImageNet's synsets, or by number, if every
/// folder matches; there may be fewer folders than classes then. Otherwise there must be as many, and
/// they are the classes in the order of their names' bytes, as in torchvision's `ImageFolder`. Memory:
/// about 80 bytes for each file of one folder.
struct ClassFolderDataset: Dataset {
  let summary: String
  let count: Int?
  /// A hash of all names below the folder in their order, with their classes.
  let fingerprint: UInt64

  private let path: String
  private let folders: [ClassFolder]
  /// Errors about what lies beside the class folders.
  private let loose: [SampleError]

  /// Finds class folders and counts their images.
  ///
  /// - Throws: `DatasetError` if the folders don't match the classes, or hold no images.
  init(_ path: String, classes: ClassNames) throws(DatasetError) {
    guard let contents = Folder.contents(of: path) else {
      throw DatasetError("\(printablePath(path)): the folder can't be read")
    }
    let names = contents.compactMap { $0.kind == .folder ? $0.name : nil }
    loose = contents.compactMap { Self.error(looseEntry: $0.name, $0.kind, in: path) }
    guard !names.isEmpty else {
      throw DatasetError(
        "\(printablePath(path)): the folder holds \(loose.isEmpty ? "no" : "\(loose.count)") images "
          + "and no folders; a folder for each class is expected, or a list file with \"path label\" "
          + "lines")
    }
    let order = try Self.labels(of: names, classes, path)
    self.path = path
    folders = zip(names, order.labels).map { ClassFolder(name: $0, label: $1) }
    var total = Contents()
    var reader = ClassFolderReader(path, folders, loose)
    while let entry = reader.next() { total.add(entry, below: path) }
    guard total.images > 0 else {
      throw DatasetError(
        "\(printablePath(path)): its \(names.count) folders hold no JPEG, PNG, WebP or BMP file")
    }
    count = total.entries
    fingerprint = total.fingerprint
    let others = reader.passedOver
    summary =
      "\(names.count) class folder\(names.count == 1 ? "" : "s") \(order.words)"
      + (others > 0 ? "; \(others) file\(others == 1 ? "" : "s") of other kinds left out" : "")
  }

  /// The error for an entry of the folder that is an image or nothing at all; nil for others.
  private static func error(
    looseEntry name: String, _ kind: Folder.Kind, in folder: String
  ) -> SampleError? {
    let path = PathText.shown(ImageWalk.join(folder, name))
    if kind == .brokenLink { return SampleError(name: path, message: ImageWalk.brokenLink) }
    guard kind != .folder, ImageWalk.isNamedAsImage(name) else { return nil }
    return SampleError(
      name: path, message: "the image lies beside the class folders, so it has no class")
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
      let name = sample.name.utf8.dropFirst(PathText.shown(folder).utf8.count)
      let line = Array("\(sample.label) ".utf8) + name.drop { $0 == UInt8(ascii: "/") } + [0]
      // Multiplied by an odd number, so that the order counts.
      fingerprint = fingerprint &* 0x9E37_79B9_7F4A_7C15 &+ line.withUnsafeBytes { xxHash64($0) }
    }
  }

  private static func labels(
    of folders: [String], _ classes: ClassNames, _ path: String
  ) throws(DatasetError) -> (labels: [Int], words: String) {
    let names = folders.map(PathText.shown)
    // Only here are names distinguished by case.
    if names == classes.names { return (Array(names.indices), "matched by name") }
    let reader = LabelReader(classes)
    let named = names.map(reader.index(named:))
    if let labels = named as? [Int] { return (labels, "matched by name") }
    let numbers = names.compactMap { Int($0) }.filter { (0..<classes.count).contains($0) }
    if numbers.count == names.count, Set(numbers).count == names.count {
      return (numbers, "matched by number")
    }
    try DatasetSplits.requireClasses(path, folders)
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

  func reader() -> any SampleReader { ClassFolderReader(path, folders, loose) }

  /// The same images in another order; their names are kept in memory, some 60 bytes each.
  func shuffled(seed: UInt64) -> any Dataset {
    var reader = ClassFolderReader(path, folders, loose)
    var index = ClassFolderIndex()
    while let entry = reader.next() {
      switch entry {
      case .success(let sample):
        guard case .file(let path) = sample.content else { continue }
        index.names.append(path, number: sample.label)
      case .failure(let error):
        index.names.append("", number: ~index.errors.count)
        index.errors.append(error)
      }
    }
    return ShuffledDataset(index, summary: summary, fingerprint: fingerprint, seed: seed)
  }
}

private struct ClassFolder: Sendable {
  let name: String
  let label: Int
}

/// Reads one class folder after another, and the errors of others before them.
private struct ClassFolderReader: SampleReader {
  private let path: String
  private var folders: ArraySlice<ClassFolder>
  private var errors: ArraySlice<SampleError>
  private var walk: ImageWalk?
  private var hasFound = false
  /// Files that are no images, up to here.
  private(set) var passedOver = 0

  init(_ path: String, _ folders: [ClassFolder], _ errors: [SampleError]) {
    (self.path, self.folders, self.errors) = (path, folders[...], errors[...])
  }

  mutating func next() -> Result<Sample, SampleError>? {
    if let error = errors.popFirst() { return .failure(error) }
    while let folder = folders.first {
      let folderPath = ImageWalk.join(path, folder.name)
      if walk == nil { walk = ImageWalk(folderPath) }
      let found = walk?.next()
      defer { hasFound = found != nil }
      switch found {
      case .image(let path): return .success(Sample(path: path, label: folder.label))
      case .unreadable(let path, let reason):
        return .failure(SampleError(name: PathText.shown(path), message: reason))
      case nil:
        passedOver += walk?.passedOver ?? 0
        walk = nil
        folders.removeFirst()
        if !hasFound {
          return .failure(
            SampleError(
              name: PathText.shown(folderPath),
              message: "the folder holds no JPEG, PNG, WebP or BMP file", kind: .emptyClass))
        }
      }
    }
    return nil
  }
}

/// The images of class folders by their place; numbers below 0 stand for errors.
private struct ClassFolderIndex: SampleIndex {
  var names = PackedNames()
  var errors: [SampleError] = []

  var count: Int { names.count }

  func sample(at place: Int) -> Result<Sample, SampleError> {
    let (path, label) = names[place]
    return label < 0 ? .failure(errors[~label]) : .success(Sample(path: path, label: label))
  }
}
