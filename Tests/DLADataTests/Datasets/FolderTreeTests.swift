import DLAData
import DLASystem
import DLATensor
import Foundation
import Testing
import _DLATestSupport

/// Random folders on the disk, and what is to be found in them by their description alone.
struct FolderTreeTests {
  /// An entry of a folder that was made.
  private indirect enum Node {
    /// A file, a pipe, or a link to a file or to nothing.
    case leaf(isBrokenLink: Bool)
    case folder(Int)
  }

  /// Folders by their number; links lead to folders by number too.
  private var folders: [[(name: [UInt8], node: Node)]] = []
  /// The path of each folder.
  private var places: [String] = []
  private var links = 0
  private var random: KeyedRandom
  private let root: String

  private static let endings = [
    "jpg", "JPEG", "png", "webp", "bmp", "gif", "TIF", "heic", "txt", "cls", "", "jpg.txt", "md",
  ]

  private init(_ key: String, in folder: TemporaryFolder) throws {
    random = KeyedRandom(key: key)
    root = folder.path("tree")
    try make(root, depth: 0)
  }

  /// A name of any bytes that no other entry of the folder has.
  private mutating func name(_ number: Int, ending: String) -> [UInt8] {
    let dot = random.nextIndex(below: 12) == 0 ? Array(".".utf8) : []
    let middle = (0..<random.nextIndex(below: 4)).map { _ -> UInt8 in
      let byte = UInt8(1 + random.nextIndex(below: 255))
      return byte == UInt8(ascii: "/") || byte == UInt8(ascii: ".") ? 0xB9 : byte
    }
    return dot + middle + Array("\(number)".utf8) + (ending.isEmpty ? [] : Array(".\(ending)".utf8))
  }

  /// Makes a folder with random entries.
  private mutating func make(_ path: String, depth: Int) throws {
    let number = folders.count
    folders.append([])
    places.append(path)
    try #require(mkdir(PathText.bytes(path), 0o700) == 0)
    for entry in 0..<(2 + random.nextIndex(below: 5)) {
      let isFolder = depth == 0 || depth < 4 && random.nextIndex(below: 3) == 0
      let ending = Self.endings[random.nextIndex(below: Self.endings.count)]
      let name = name(entry, ending: isFolder ? "" : ending)
      let inner = path + "/" + PathText.text(name)
      let bytes = PathText.bytes(inner)
      let node: Node
      if isFolder {
        node = .folder(folders.count)
        try make(inner, depth: depth + 1)
      } else {
        var isBroken = false
        switch random.nextIndex(below: 5) {
        case 0: try #require(mkfifo(bytes, 0o600) == 0)
        case 1:
          isBroken = true
          try #require(symlink("/nonexistent/x.jpg", bytes) == 0)
        case let kind:
          let descriptor = open(bytes, O_CREAT | O_WRONLY, 0o600)
          try #require(descriptor >= 0)
          close(descriptor)
          // An unreadable file is listed too.
          if kind == 2 { chmod(bytes, 0) }
        }
        node = .leaf(isBrokenLink: isBroken)
      }
      folders[number].append((name, node))
    }
    // A link to a folder above or beside, or to this one.
    if depth > 0, links < 4, random.nextIndex(below: 2) == 0 {
      links += 1
      let target = random.nextIndex(below: folders.count)
      let name = name(9, ending: "")
      try #require(
        symlink(
          PathText.bytes(places[target]), PathText.bytes(path + "/" + PathText.text(name))) == 0)
      folders[number].append((name, .folder(target)))
    }
  }

  /// The images that torchvision's `ImageFolder` finds, of our kinds, and links to nothing.
  ///
  /// It follows links without an end, and takes names that begin with a dot; here a folder is left out
  /// where it lies inside itself, and so are such names.
  private func expected() -> [String] {
    let images: Set = ["jpg", "jpeg", "png", "webp", "bmp", "gif", "tif", "heic"]
    func visit(_ number: Int, _ path: String, _ above: [Int]) -> [(path: String, isImage: Bool)] {
      guard !above.contains(number) else { return [] }
      return folders[number].flatMap { name, node -> [(path: String, isImage: Bool)] in
        guard name.first != UInt8(ascii: ".") else { return [] }
        let inner = path + "/" + PathText.shown(PathText.text(name))
        switch node {
        case .folder(let next): return visit(next, inner, above + [number])
        case .leaf(let isBroken):
          let ending = name.lastIndex(of: UInt8(ascii: ".")).map { name[($0 + 1)...] } ?? []
          let isImage = images.contains(String(decoding: ending, as: UTF8.self).lowercased())
          return isImage || isBroken ? [(inner, isImage)] : []
        }
      }
    }
    // As Python sorts: bytes that are no text are lone surrogates from U+DC80 on.
    let classes = folders[0].filter { $0.name.first != UInt8(ascii: ".") }
      .sorted { PathText.precedes(PathText.text($0.name), PathText.text($1.name)) }
    return classes.enumerated().flatMap { label, entry -> [String] in
      guard case .folder(let number) = entry.node else { return [] }
      let path = root + "/" + PathText.shown(PathText.text(entry.name))
      let found = visit(number, path, [])
      return found.isEmpty
        ? ["\(path): empty"] : found.map { $0.isImage ? "\($0.path) \(label)" : "\($0.path): link" }
    }.sorted()
  }

  private func found() throws -> [String] {
    let count = folders[0].count { $0.name.first != UInt8(ascii: ".") }
    let dataset = try DatasetSource(root).open(classes: ClassNames(count: count))
    return try samples(dataset).map { sample in
      switch sample {
      case .success(let sample): "\(sample.name) \(sample.label)"
      case .failure(let error):
        "\(error.name): \(error.message.contains("leads nowhere") ? "link" : "empty")"
      }
    }.sorted()
  }

  @Test(arguments: 0..<60) static func randomFoldersAreListedAsTheyWereMade(number: Int) throws {
    let key = "folder tree/\(number)"
    print("folders: key \(key)")
    let folder = try TemporaryFolder()
    let tree = try FolderTreeTests(key, in: folder)
    let expected = tree.expected()
    guard expected.contains(where: { !$0.hasSuffix(": empty") && !$0.hasSuffix(": link") }) else {
      #expect(throws: DatasetError.self) { try tree.found() }
      return
    }
    #expect(try tree.found() == expected)
  }
}
