import DLAData
import DLARecipes
import DLASystem
import DLAText
import DeepLayerAggregation

/// Training data, validation data and class names, by options or by a configuration.
struct TrainingSources {
  let training: DatasetSource
  let validation: DatasetSource?
  let classes: ClassNames

  init(_ arguments: Arguments, _ file: PaddleRecipe?) throws {
    let named = arguments["--validation"].map { DataOptions.source(arguments, path: $0) }
    if let path = arguments["--data"] {
      let inside = Self.inside(path)
      training = DataOptions.source(arguments, path: inside?.training ?? path)
      validation = named ?? inside?.validation.map { DataOptions.source(arguments, path: $0) }
    } else if let file {
      func source(_ list: PaddleRecipe.ImageList) -> DatasetSource {
        DataOptions.source(arguments, path: list.path, imageRoot: list.imageRoot)
      }
      training = source(file.training)
      validation = named ?? (file.run.evaluationInterval == nil ? nil : file.validation.map(source))
    } else {
      throw UsageError("--data or --config is missing")
    }
    classes = try Self.classes(arguments, file, training)
  }

  /// The parts of a folder with `train`, and `val` or a similar name.
  private static func inside(_ path: String) -> (training: String, validation: String?)? {
    func folder(_ name: String) -> String? {
      let inner = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
      guard case .folder = Folder.kind(of: inner) else { return nil }
      return inner
    }
    // A class may be named train too; a class folder contains images, a part does not.
    guard let training = folder("train"),
      !(Folder.contents(of: training) ?? []).contains(where: {
        $0.kind == .file && ImageWalk.isNamedAsImage($0.name)
      })
    else { return nil }
    return (training, ["val", "validation", "valid", "test"].compactMap(folder).first)
  }

  private static func classes(
    _ arguments: Arguments, _ file: PaddleRecipe?, _ source: DatasetSource
  ) throws -> ClassNames {
    if let path = arguments["--labels"] { return try ClassNames(path: path) }
    if let count = try arguments.integer("--classes", in: 1...1 << 20) {
      return ClassNames(count: count)
    }
    // Opening a missing path throws its error.
    if Folder.kind(of: source.path) == nil { _ = try source.open(classes: ClassNames(count: 1)) }
    guard case .folder = Folder.kind(of: source.path) else {
      if let file { return ClassNames(count: file.classCount) }
      throw UsageError(
        "\(printablePath(source.path)) does not give the number of classes; pass --classes N or "
          + "--labels FILE")
    }
    let folders = (Folder.contents(of: source.path) ?? []).compactMap { name, kind in
      if case .folder = kind { name } else { nil as String? }
    }
    guard !folders.isEmpty else {
      throw UsageError(
        "\(printablePath(source.path)) contains no folders; one folder per class is expected, or pass "
          + "--classes N or --labels FILE")
    }
    return ClassNames(count: folders.count, names: folders)
  }
}
