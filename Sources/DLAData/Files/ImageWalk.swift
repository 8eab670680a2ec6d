import DLASystem

/// The images below a folder, folder by folder in the order of the names' bytes.
///
/// Links to folders are followed, but for those that lead back to a folder above them. Names of one
/// folder at each depth are in memory, so that a million files take no more than the largest folder
/// of them. Names that begin with a dot are skipped.
package struct ImageWalk {
  /// Something below the folder.
  package enum Found: Sendable, Equatable {
    /// Something that is named as an image; it need not be one, nor a file.
    case image(path: String)
    /// A folder that can't be read, or a link that leads nowhere.
    case unreadable(path: String, reason: String)
  }

  /// The endings of names of images that are read, in any case.
  static let readable: Set = ["jpg", "jpeg", "jpe", "jfif", "png", "webp", "bmp"]
  /// The endings of other images: opening them tells what they are, so that none is left out.
  private static let others: Set = [
    "apng", "arw", "avif", "cr2", "cr3", "dib", "dng", "gif", "heic", "heif", "hif", "j2k", "jp2",
    "jpx",
    "jxl", "nef", "pbm", "pgm", "pnm", "ppm", "psd", "tga", "tif", "tiff",
  ]
  /// Deeper folders are not searched.
  private static let deepest = 64

  private struct Level {
    let path: String
    let identity: FileIdentity?
    var rest: ArraySlice<(name: String, kind: Folder.Kind)>
  }

  private var levels: [Level] = []
  private var unreadable: Found?
  /// Files that are not named as images, and links back to a folder above, up to here.
  package private(set) var passedOver = 0

  /// Starts in a folder, which may be a link to one.
  package init(_ path: String) { enter(path) }

  package mutating func next() -> Found? {
    while true {
      if let found = unreadable {
        unreadable = nil
        return found
      }
      guard let (name, kind) = levels.last?.rest.first else {
        guard levels.popLast() != nil else { return nil }
        continue
      }
      let depth = levels.count - 1
      levels[depth].rest.removeFirst()
      let path = Self.join(levels[depth].path, name)
      switch kind {
      case .folder: enter(path)
      // A pipe, or a link to nothing, is refused where it is opened.
      case _ where Self.isNamedAsImage(name): return .image(path: path)
      case .brokenLink: return .unreadable(path: path, reason: Self.brokenLink)
      case .file, .other: passedOver += 1
      }
    }
  }

  /// The reason why a link to nothing can't be followed.
  static let brokenLink = "the link leads nowhere; were the data fetched?"

  private mutating func enter(_ path: String) {
    let identity = FileIdentity(path: path)
    guard identity == nil || !levels.contains(where: { $0.identity == identity }) else {
      passedOver += 1
      return
    }
    guard levels.count < Self.deepest, let names = Folder.contents(of: path) else {
      unreadable = .unreadable(
        path: path, reason: "the folder can't be read; what it holds was left out")
      return
    }
    levels.append(Level(path: path, identity: identity, rest: names[...]))
  }

  /// True if a file's name ends as those of images do.
  package static func isNamedAsImage(_ name: String) -> Bool {
    guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return false }
    let ending = name[name.utf8.index(after: dot)...].lowercased()
    return readable.contains(ending) || others.contains(ending)
  }

  /// A path in a folder; an empty folder is the current one.
  package static func join(_ folder: String, _ name: String) -> String {
    folder.isEmpty || folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }
}
