/// Where the relative paths of a list begin.
struct ImageRoot: Sendable {
  private let folder: String

  /// - Parameters:
  ///   - folder: the folder; nil for the one that the list is in.
  ///   - list: the list.
  init(_ folder: String?, besideFile list: String) {
    let slash = list.utf8.lastIndex(of: UInt8(ascii: "/"))
    self.folder = folder ?? slash.map { String(list[...$0]) } ?? ""
  }

  func path(_ path: String) -> String {
    path.hasPrefix("/") ? path : ImageWalk.join(folder, path)
  }

  /// The sample that a line of a list means.
  func sample(
    _ path: String, _ label: String, _ labels: LabelReader, line: Int
  ) -> Result<Sample, SampleError> {
    let path = self.path(path)
    do throws(LabelReader.Problem) {
      return .success(
        Sample(name: path, content: .file(path: path), label: try labels.index(of: label)))
    } catch {
      return .failure(
        SampleError(name: path, message: "\(error.found), line \(line); \(error.expected)"))
    }
  }
}
