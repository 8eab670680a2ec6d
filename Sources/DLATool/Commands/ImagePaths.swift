#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The images that paths on the command line name.
enum ImagePaths {
  /// Folders are searched for these, recursively; a file named directly may have any ending.
  private static let endings: Set<String> = ["jpg", "jpeg", "jpe", "jfif", "png", "webp"]

  /// Every image in a stable order, and a line for each path that names none.
  static func expand(_ paths: [String]) -> (images: [String], problems: [String]) {
    var images: [String] = []
    var problems: [String] = []
    for path in paths {
      if path != "-", let found = contents(ofFolder: path) {
        if found.isEmpty { problems.append("\(path): the folder holds no JPEG, PNG or WebP file") }
        images += found
      } else {
        images.append(path)
      }
    }
    return (images, problems)
  }

  /// The images below a folder; nil where the path is no folder.
  private static func contents(ofFolder folder: String) -> [String]? {
    guard let names = try? FileManager.default.subpathsOfDirectory(atPath: folder) else {
      return nil
    }
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    return names.filter { name in
      guard let dot = name.lastIndex(of: ".") else { return false }
      return endings.contains(name[name.index(after: dot)...].lowercased())
    }.sorted().map { prefix + $0 }
  }
}
