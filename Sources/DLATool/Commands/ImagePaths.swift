import DLAData
import DLASystem
import DeepLayerAggregation

/// The images that paths on the command line name.
struct ImagePaths {
  /// Every image in a stable order.
  private(set) var images: [String] = []
  /// A line for each path that names none.
  private(set) var problems: [String] = []

  /// Folders are searched with those in them; a file named directly may have any ending.
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
          problems.append("\(path): the folder can't be read; what it holds was left out")
        }
      }
      if images.count + problems.count == found {
        problems.append("\(path): the folder holds no JPEG, PNG or WebP file")
      }
    }
  }
}
