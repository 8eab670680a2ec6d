import Foundation

/// The images that paths on the command line name.
enum ImagePaths {
  /// Folders are searched for these, recursively; a file named directly may have any ending.
  private static let endings: Set<String> = ["jpg", "jpeg", "jpe", "jfif", "png", "webp"]

  /// Every image in a stable order, and a line for each path that names none.
  static func expand(_ paths: [String]) -> (images: [String], problems: [String]) {
    var images: [String] = []
    var problems: [String] = []
    for path in paths {
      var isFolder: ObjCBool = false
      if path == "-" {
        images.append(path)
      } else if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder),
        isFolder.boolValue
      {
        let found = contents(of: path)
        if found.isEmpty { problems.append("\(path): the folder holds no JPEG, PNG or WebP file") }
        images += found
      } else {
        images.append(path)
      }
    }
    return (images, problems)
  }

  private static func contents(of folder: String) -> [String] {
    let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    return names.filter { name in
      guard let dot = name.lastIndex(of: ".") else { return false }
      return endings.contains(name[name.index(after: dot)...].lowercased())
    }.sorted().map { prefix + $0 }
  }
}
