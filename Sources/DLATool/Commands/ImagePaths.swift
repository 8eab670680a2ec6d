import DLAData
import DLASystem
import DeepLayerAggregation

/// The images that the paths of a command line name.
struct ImagePaths {
  /// Every image, in a stable order.
  private(set) var images: [String] = []
  /// A line for each path without images.
  private(set) var problems: [String] = []

  /// Searches folders recursively; a file named directly may have any extension.
  init(_ paths: [String]) {
    for path in paths {
      guard path != "-", case .folder = Folder.kind(of: path) else {
        images.append(path)
        continue
      }
      let found = images.count + problems.count
      var walk = ImageWalk(path)
      while let file = walk.next() {
        switch file {
        case .image(let path): images.append(path)
        case .unreadable(let path):
          problems.append("\(path): the folder can't be read and was skipped")
        }
      }
      if images.count + problems.count == found {
        problems.append("\(path): the folder contains no JPEG, PNG or WebP file")
      }
    }
  }
}

extension Preprocessor {
  /// Reads and decodes an image from a file, or from standard input for the path `-`.
  func image(orStandardInput path: String) throws(ImageError) -> RGBImage {
    guard path == "-" else { return try image(path: path) }
    return try image(decoding: ImageFile.standardInput(), name: "standard input")
  }
}
