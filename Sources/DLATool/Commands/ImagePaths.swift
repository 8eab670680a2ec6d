#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The images that paths on the command line name.
struct ImagePaths {
  /// Every image in a stable order.
  private(set) var images: [String] = []
  /// A line for each path that names none.
  private(set) var problems: [String] = []

  /// Folders are searched for these, recursively; a file named directly may have any ending.
  private static let endings: Set<String> = ["jpg", "jpeg", "jpe", "jfif", "png", "webp"]

  init(_ paths: [String]) {
    for path in paths {
      guard path != "-", let names = Self.contents(ofFolder: path) else {
        images.append(path)
        continue
      }
      let found = images.count + problems.count
      search(path, names)
      if images.count + problems.count == found {
        problems.append("\(path): the folder holds no JPEG, PNG or WebP file")
      }
    }
  }

  private mutating func search(_ folder: String, _ names: [String]) {
    for name in names.sorted() {
      let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
      switch Self.kind(path) {
      case .typeDirectory:
        if let names = Self.contents(ofFolder: path) {
          search(path, names)
        } else {
          problems.append("\(path): the folder can't be read; what it holds was left out")
        }
      case .typeRegular where Self.isNamedAsImage(name): images.append(path)
      // A link to a file counts as the file; one to a folder could lead in a circle.
      case .typeSymbolicLink where Self.isNamedAsImage(name):
        if Self.contents(ofFolder: path) == nil { images.append(path) }
      default: break
      }
    }
  }

  /// The names in a folder; nil where the path is no folder or can't be read.
  private static func contents(ofFolder path: String) -> [String]? {
    let kind = kind(path)
    guard kind == .typeDirectory || kind == .typeSymbolicLink else { return nil }
    return try? FileManager.default.contentsOfDirectory(atPath: path)
  }

  private static func kind(_ path: String) -> FileAttributeType? {
    (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType
  }

  private static func isNamedAsImage(_ name: String) -> Bool {
    guard let dot = name.lastIndex(of: ".") else { return false }
    return endings.contains(name[name.index(after: dot)...].lowercased())
  }
}
