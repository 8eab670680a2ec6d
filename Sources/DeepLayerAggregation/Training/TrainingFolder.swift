import DLASystem
import DLATraining

/// Where a training keeps what it makes.
public struct TrainingFolder: Sendable, Equatable {
  /// The folder.
  public let path: String

  /// Names a folder.
  ///
  /// - Parameter path: the folder; `create()` makes it.
  public init(_ path: String) { self.path = path }

  /// The weights whose validation was best, the moving average's where there is one.
  public var best: String { file("best.safetensors") }
  /// The weights at the end of the last epoch, the moving average's where there is one.
  public var last: String { file("last.safetensors") }
  /// All that a training needs to go on.
  public var checkpoint: String { file("checkpoint.safetensors") }
  /// The log, one JSON object a line.
  public var metrics: String { file(MetricsFile.name) }
  /// The page about the training.
  public var report: String { file("report.html") }
  /// The log for TensorBoard.
  public var events: String { file(TensorBoardFile.name) }

  /// Makes the folder, and those above it, where they are missing.
  ///
  /// - Throws: `FileError` if that is not possible.
  public func create() throws(FileError) {
    Folder.create(path, isPrivate: false)
    guard case .folder = Folder.kind(of: path) else {
      throw FileError(path, "the folder can't be made; name another one to write to")
    }
  }

  /// Whether a training was here before.
  public var isUsed: Bool {
    [checkpoint, last].contains { Folder.kind(of: $0) != nil }
  }

  /// Removes files that were half written when a training was killed; no other may be at work here.
  func removeUnfinished() {
    let targets = [best, last, checkpoint, report].compactMap { $0.split(separator: "/").last }
    for entry in Folder.files(of: path) {
      guard let name = ReplacementFile.unfinished(entry.name),
        targets.contains(where: { name.hasPrefix("\($0).") })
      else { continue }
      Folder.remove(file(entry.name))
    }
  }

  private func file(_ name: String) -> String {
    path.hasSuffix("/") ? path + name : "\(path)/\(name)"
  }
}
