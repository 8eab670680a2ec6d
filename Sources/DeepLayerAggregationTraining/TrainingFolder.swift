import DLASystem
import DLATraining

/// The folder that a training writes to.
public struct TrainingFolder: Sendable, Equatable {
  /// The folder.
  public let path: String

  /// Names a folder.
  ///
  /// - Parameter path: the folder; `create()` makes it.
  public init(_ path: String) { self.path = path }

  /// The weights with the best validation; those of the moving average, if there is one.
  public var best: String { file("best.safetensors") }
  /// The weights after the last epoch; those of the moving average, if there is one.
  public var last: String { file("last.safetensors") }
  /// The mean of the weights after the last epochs, if ``TrainingSetup/averagedCount`` asks for it.
  public var average: String { file("average.safetensors") }
  /// The state to resume from.
  public var checkpoint: String { file("checkpoint.safetensors") }
  /// A folder of the best weights, or else of the last, as timm's on the Hugging Face hub.
  public var hub: String { file("hub") }
  /// The log, one JSON object a line.
  public var metrics: String { file(MetricsFile.name) }
  /// The HTML report.
  public var report: String { file("report.html") }
  /// The log for TensorBoard.
  public var events: String { file(TensorBoardFile.name) }

  /// Creates the folder and its parents where they are missing.
  ///
  /// - Throws: `FileError` if that is not possible.
  public func create() throws(FileError) {
    Folder.create(path, isPrivate: false)
    guard case .folder = Folder.kind(of: path) else {
      throw FileError(path, "the folder can't be made; name another one to write to")
    }
  }

  /// True if the folder holds a training.
  public var isUsed: Bool {
    [checkpoint, last].contains { Folder.kind(of: $0) != nil }
  }

  /// The weights after one of the epochs that ``average`` is the mean of.
  func weights(ofEpoch epoch: Int) -> String { file("epoch-\(epoch).safetensors") }

  /// Removes incomplete files of a killed training; no other process may be writing here.
  func removeUnfinished() {
    let targets = [best, last, average, checkpoint, report].compactMap {
      $0.split(separator: "/").last
    }
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
