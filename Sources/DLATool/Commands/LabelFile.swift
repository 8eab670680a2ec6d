import DLACore

/// The names of the classes, one a line.
enum LabelFile {
  /// A thousand names take 30 KB; more than this is not a list of names.
  private static let limit = 16 << 20

  static func read(_ path: String) throws -> [String] {
    let file = try MappedFile(path: path)
    guard file.bytes.count <= limit, let text = String(validating: file.bytes, as: UTF8.self) else {
      throw InputError(
        "\(path): is not a list of names; UTF-8 text with one name a line is expected, "
          + "\(limit >> 20) MiB at most")
    }
    var lines = text.drop { $0 == "\u{FEFF}" }.split(omittingEmptySubsequences: false) {
      $0.isNewline
    }.map(String.init)
    while lines.last?.isEmpty == true { lines.removeLast() }
    guard !lines.isEmpty else {
      throw InputError("\(path): holds no names; one a line is expected")
    }
    return lines
  }
}

/// A file that can't be used: one line with what to do.
struct InputError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
