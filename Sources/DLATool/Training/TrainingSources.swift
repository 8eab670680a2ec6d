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
    let named = try arguments["--validation"].map { try DataOptions.source(arguments, path: $0) }
    if let path = arguments["--data"] {
      let splits = try DatasetSplits.inside(path)
      training = try DataOptions.source(arguments, path: splits?.training ?? path)
      validation =
        try named ?? splits?.validation.map { try DataOptions.source(arguments, path: $0) }
    } else if let file {
      func source(_ list: PaddleRecipe.ImageList) throws -> DatasetSource {
        try DataOptions.source(
          arguments, path: list.path, imageRoot: list.imageRoot, delimiter: list.delimiter)
      }
      training = try source(file.training)
      validation =
        try named ?? (file.run.evaluationInterval == nil ? nil : file.validation.map(source))
    } else {
      throw UsageError("--data or --config is missing")
    }
    classes = try Self.classes(arguments, file, training)
  }

  /// Opens the images to train and to validate with.
  func datasets(
    _ arguments: Arguments, seed: UInt64
  ) throws -> (training: any Dataset, validation: (any Dataset)?) {
    let whole = try training.open(classes: classes)
    guard let share = try arguments.number("--validation-share", in: 0.001...0.9) else {
      return (whole, try validation?.open(classes: classes))
    }
    guard validation == nil else {
      throw UsageError(
        "--validation-share and other validation images exclude each other; there are those of "
          + printablePath(validation?.path ?? ""))
    }
    return (
      try PartDataset(share, of: whole, seed: seed, isShare: false),
      try PartDataset(share, of: whole, seed: seed, isShare: true)
    )
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
    guard Folder.kind(of: source.path) == .folder else {
      if let file { return ClassNames(count: file.classCount) }
      throw UsageError(
        "\(printablePath(source.path)) does not give the number of classes; pass --classes N or "
          + "--labels FILE")
    }
    let folders = (Folder.contents(of: source.path) ?? []).compactMap {
      $0.kind == .folder ? $0.name : nil
    }
    guard !folders.isEmpty else {
      throw UsageError(
        "\(printablePath(source.path)) contains no folders; one folder per class is expected, or pass "
          + "--classes N or --labels FILE")
    }
    try DatasetSplits.requireClasses(source.path, folders)
    return ClassNames(count: folders.count, names: folders.map(PathText.shown))
  }
}
