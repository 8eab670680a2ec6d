import DLASystem

/// The folder that relative paths of a list start from.
struct ImageRoot: Sendable {
  private let folder: String

  /// Longer than any path that a system opens, and than what fits a row of results.
  static let longestPath = 4096

  /// The folder, or the one that the list is in.
  init(_ folder: String?, besideFile list: String) {
    let slash = list.utf8.lastIndex(of: UInt8(ascii: "/"))
    self.folder = folder ?? slash.map { String(list[...$0]) } ?? ""
  }

  /// A hash of where the paths lead, wherever the process runs.
  var fingerprint: UInt64 {
    Array(resolvedPath(folder.isEmpty ? "." : folder).utf8).withUnsafeBytes { xxHash64($0) }
  }

  func path(_ path: String) -> String { path.hasPrefix("/") ? path : ImageWalk.join(folder, path) }

  /// The sample that a line of a list means.
  func sample(
    _ path: String, _ label: String, _ labels: LabelReader, line: Int
  ) -> Result<Sample, SampleError> {
    let path = self.path(path)
    guard path.utf8.count <= Self.longestPath else {
      return .failure(
        SampleError(
          name: "line \(line)",
          message: "its path has \(path.utf8.count) bytes; at most \(Self.longestPath) are expected"
        ))
    }
    do throws(LabelReader.Problem) {
      return .success(
        Sample(path: path, label: try labels.index(of: PathText.shown(label))))
    } catch {
      return .failure(
        SampleError(
          name: PathText.shown(path),
          message: "\(error.found), line \(line); \(error.expected)",
          kind: error.isWrongNumbering ? .wrongNumbering : .other))
    }
  }
}
