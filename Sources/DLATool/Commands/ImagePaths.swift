import DLAData
import DLASystem
import DeepLayerAggregation

/// The images that the paths of a command line or of a file name.
struct ImagePaths {
  /// Every image, and an error for each path without one, in a stable order.
  private(set) var entries: [Result<String, SampleError>] = []

  /// Searches a folder recursively; a file named directly may have any extension.
  mutating func add(_ path: String) {
    guard path != "-", Folder.kind(of: path) == .folder else {
      entries.append(.success(path))
      return
    }
    let count = entries.count
    var walk = ImageWalk(path)
    while let found = walk.next() {
      switch found {
      case .image(let path): entries.append(.success(path))
      case .unreadable(let path, let reason): fail(path, reason)
      }
    }
    if entries.count == count {
      fail(path, "the folder contains no JPEG, PNG, WebP or BMP file")
    }
  }

  private mutating func fail(_ path: String, _ reason: String) {
    entries.append(.failure(SampleError(name: PathText.shown(path), message: reason)))
  }

  private static let limit = 1 << 30

  /// The paths in a file, or on standard input for `-`: one a line, or with a zero byte behind each.
  static func paths(in list: String, separatedByZero: Bool) throws -> [String] {
    let bytes =
      try list == "-"
      ? ByteStream.standardInput.bytes(upTo: limit + 1)
      : ByteStream.bytes(ofFile: list, upTo: limit + 1)
    guard bytes.count <= limit else {
      throw InputError("\(list): more than \(limit >> 20) MiB, the most that is read of a list")
    }
    return bytes.split(separator: separatedByZero ? 0 : UInt8(ascii: "\n")).compactMap { path in
      let hasReturn = !separatedByZero && path.last == UInt8(ascii: "\r")
      let text = PathText.text(hasReturn ? path.dropLast() : path)
      // There, `-` is a file.
      return text.isEmpty ? nil : text == "-" ? "./-" : text
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
