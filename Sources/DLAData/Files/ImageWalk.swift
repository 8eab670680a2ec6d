import DLASystem

/// The image files below a folder, folder by folder in the order of the names' bytes.
///
/// Names of one folder at each depth are in memory, so that a million files take no more than the
/// largest folder of them. Names that begin with a dot are skipped.
package struct ImageWalk {
  /// Something below the folder.
  package enum Found: Sendable, Equatable {
    /// A file that is named as an image.
    case image(path: String)
    /// A folder that can't be read.
    case unreadable(path: String)
  }

  /// The endings of images' names, in any case.
  static let endings: Set<String> = ["jpg", "jpeg", "jpe", "jfif", "png", "webp"]
  /// Deeper folders are not searched: they would be a circle that no link shows.
  private static let deepest = 64

  private var levels: [(path: String, rest: ArraySlice<(name: String, kind: Folder.Kind)>)] = []
  private var unreadable: String?
  /// Files that are not named as images, and links to folders, up to here.
  package private(set) var passedOver = 0

  /// Starts in a folder, which may be a link to one.
  package init(_ path: String) { enter(path) }

  package mutating func next() -> Found? {
    while true {
      if let path = unreadable {
        unreadable = nil
        return .unreadable(path: path)
      }
      guard let (name, kind) = levels.last?.rest.first else {
        guard levels.popLast() != nil else { return nil }
        continue
      }
      let depth = levels.count - 1
      levels[depth].rest.removeFirst()
      let path = Self.join(levels[depth].path, name)
      switch kind {
      case .file where Self.isNamedAsImage(name): return .image(path: path)
      case .folder(isLink: false): enter(path)
      default: passedOver += 1
      }
    }
  }

  private mutating func enter(_ path: String) {
    guard levels.count < Self.deepest, let names = Folder.contents(of: path) else {
      unreadable = path
      return
    }
    levels.append((path, names[...]))
  }

  /// True if a file's name ends as those of images do.
  package static func isNamedAsImage(_ name: String) -> Bool {
    guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return false }
    return endings.contains(name[name.utf8.index(after: dot)...].lowercased())
  }

  /// A path in a folder; an empty folder is the current one.
  package static func join(_ folder: String, _ name: String) -> String {
    folder.isEmpty || folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }
}
