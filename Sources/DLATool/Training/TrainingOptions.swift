import DLACheckpoints
import DLACore
import DLAData
import DeepLayerAggregation

/// What is trained, on what, and where it goes.
enum TrainingOptions {
  static let options = [
    Option(
      "--data", "PATH",
      "Labelled pictures to learn from, as for dla evaluate; or a folder of train and val."),
    Option("--validation", "PATH", "Labelled pictures that tell how good it is. Default: none."),
    Option("--image-root", "FOLDER", "Where relative paths of lists begin."),
    Option("--labels", "FILE", "Names of the classes, one a line. Default: the class folders'."),
    Option("--classes", "N", "Classes of a list or of shards whose labels are numbers."),
    Option("--model", "NAME", "The network. Default: that of --weights, else dla34."),
    Option("--weights", "FILE", "Begin with these weights; another classifier is made anew."),
    Option("--new-head", nil, "Make the classifier anew in any case."),
    Option("--output", "RUN", "The folder to write to: weights, checkpoint, log and report."),
    Option("--resume", nil, "Go on from the checkpoint in --output, if there is one."),
  ]

  static let running = [
    Option("--validate-every", "N", "Epochs from one validation to the next. Default: 1."),
    Option("--log-every", "N", "Updates from one entry of the log to the next. Default: 50."),
    Option(
      "--save-every", "N",
      "Updates from one checkpoint to the next. Default: each epoch, and every ten minutes."),
    Option("--max-bad", "N", "Pictures of an epoch that may be unreadable. Default: 100."),
    Option("--max-steps", "N", "Stop after so many updates, as if interrupted."),
    Option("--decode-threads", "N", "Threads that read pictures. Default: as --threads."),
  ]

  /// Where the pictures are.
  struct Sources {
    var training: DatasetSource
    var validation: DatasetSource?
  }

  /// The pictures; of a folder that holds `train` and `val` these two.
  static func sources(_ arguments: Arguments) throws -> Sources {
    let path = try arguments.required("--data")
    func source(_ path: String) -> DatasetSource {
      DatasetSource(path, imageRoot: arguments["--image-root"])
    }
    let inner = { (name: String) in path.hasSuffix("/") ? path + name : "\(path)/\(name)" }
    func isFolder(_ path: String) -> Bool {
      if case .folder = Folder.kind(of: path) { return true }
      return false
    }
    let named = arguments["--validation"].map(source)
    guard isFolder(inner("train")) else {
      return Sources(training: source(path), validation: named)
    }
    let validation = ["val", "validation", "valid", "test"].map(inner).first(where: isFolder)
    return Sources(
      training: source(inner("train")), validation: named ?? validation.map(source))
  }

  /// The classes to tell apart.
  static func classes(_ arguments: Arguments, _ source: DatasetSource) throws -> ClassNames {
    if let path = arguments["--labels"] { return try ClassNames(path: path) }
    if let count = try arguments.integer("--classes", in: 1...1 << 20) {
      return ClassNames(count: count)
    }
    guard case .folder = Folder.kind(of: source.path) else {
      throw UsageError(
        "how many classes there are is not told by \(printablePath(source.path)); give --classes N "
          + "or --labels FILE")
    }
    let folders = (Folder.contents(of: source.path) ?? []).compactMap { name, kind in
      if case .folder = kind { name } else { nil as String? }
    }
    guard !folders.isEmpty else {
      throw UsageError(
        "\(printablePath(source.path)) holds no folders; a folder for each class is expected, or give "
          + "--classes N or --labels FILE")
    }
    return ClassNames(count: folders.count, names: folders)
  }
}
