import DLAData
import DLAModels
import DLASystem
import DLAText
import DLATraining

/// A training as one of PaddleClas's YAML files describes it, such as
/// `ppcls/configs/ImageNet/DLA/DLA34.yaml`.
///
/// Settings that this library does not support are errors, never ignored silently; settings that make
/// no difference to the result are listed in ``notes``. Definitions: PaddleClas at commit d178931fc, on one
/// card.
public struct PaddleRecipe: Sendable, Equatable {
  /// The initial weights.
  public enum Pretrained: Sendable, Equatable {
    /// Random weights.
    case none
    /// The weights that PaddleClas publishes for the network.
    case published
    /// Weights from a file; as in PaddleClas its name may lack the ending `.pdparams`.
    case file(String)
    /// Weights from a URL.
    case address(String)
  }

  /// A list of images.
  public struct ImageList: Sendable, Equatable {
    /// The folder that paths in the list start from.
    public var imageRoot: String
    /// The file whose lines are a path and a label.
    public var path: String
    /// The delimiter between path and label; nil for spaces.
    public var delimiter: Character?

    package init(imageRoot: String, path: String, delimiter: Character? = nil) {
      (self.imageRoot, self.path, self.delimiter) = (imageRoot, path, delimiter)
    }
  }

  /// The network.
  public var variant: Variant
  /// Rows of the classifier.
  public var classCount: Int
  /// The initial weights.
  public var pretrained: Pretrained
  /// The training recipe.
  public var recipe: TrainingRecipe
  /// The preprocessing in evaluation; its normalisation is used in training too.
  public var preset: Preset
  /// The training data.
  public var training: ImageList
  /// The validation data; nil if the file names none.
  public var validation: ImageList?
  /// The intervals of validation and saving.
  public var run: PaddleRun
  /// Notes, one line each: settings without effect here, and settings that may surprise.
  public var notes: [String]
}

extension PaddleRecipe {
  /// Reads a recipe from a file.
  ///
  /// - Parameters:
  ///   - path: the YAML file.
  ///   - overrides: values to set, each as `KEY.PATH=VALUE`, as with PaddleClas's `-o`.
  /// - Throws: ``RecipeError``; its message is one line with the file and the line in it.
  public init(path: String, overrides: [String] = []) throws(RecipeError) {
    let bytes: [UInt8]
    do throws(FileError) {
      let file = try MappedFile(path: path)
      // One byte more than is allowed tells that there are too many.
      bytes = withExtendedLifetime(file) { Array($0.bytes.prefix(YAMLDocument.maxBytes + 1)) }
    } catch {
      throw RecipeError(.unreadable, "\(printablePath(error.path)): \(error.reason)")
    }
    try self.init(bytes, name: path, overrides: overrides)
  }

  /// Reads a recipe from bytes.
  ///
  /// - Parameters:
  ///   - bytes: the whole YAML file.
  ///   - name: what errors call it.
  ///   - overrides: values to set, each as `KEY.PATH=VALUE`.
  /// - Throws: ``RecipeError``; its message is one line with the name and the line in it.
  public init(_ bytes: [UInt8], name: String, overrides: [String] = []) throws(RecipeError) {
    var root = try YAMLDocument.read(bytes, name: name)
    for option in overrides { try root.override(option) }
    let reader = RecipeReader(file: name)
    try Self.refuseOldFormat(root, reader)
    let file = try Section(root, path: "", keys: Self.sections, reader: reader)

    var recipe = TrainingRecipe()
    let global = try file.required("Global", PaddleRun.keys)
    let run = try PaddleRun(global, &recipe)
    let (variant, classes, pretrained) = try file.model(global, &recipe)
    self.variant = variant
    classCount = classes
    self.pretrained = pretrained
    try file.noteMixedPrecision()
    try file.readAverage(&recipe)
    try file.readOptimizer(variant, &recipe)
    let data = try file.data(&recipe, evaluates: run.evaluationInterval != nil)
    try file.readLoss(&recipe)
    try file.checkMetric(classes: classes)
    preset = data.preset
    training = data.training
    validation = data.validation
    do throws(TrainingError) {
      try recipe.check()
    } catch {
      throw RecipeError(.unsuitableValue, "\(printablePath(name)): \(error.message)")
    }
    (self.recipe, self.run) = (recipe, run)
    notes = reader.allNotes
  }

  /// Names a recipe of another format, whose keys would be unknown one by one.
  private static func refuseOldFormat(
    _ root: YAMLNode, _ reader: RecipeReader
  ) throws(RecipeError) {
    let keys = ["ARCHITECTURE", "LEARNING_RATE", "OPTIMIZER", "TRAIN", "VALID"]
    guard case .mapping(let entries) = root.content,
      let entry = entries.first(where: { keys.contains($0.key) })
    else { return }
    throw reader.error(
      .unsupported, entry.origin,
      "\(entry.key) is of the format before PaddleClas 2.2, which is not read; since then recipes have "
        + "Global, Arch, Loss, Optimizer and DataLoader")
  }

  private static let sections: [String: KeyUse] = [
    "Global": .read, "AMP": .read, "EMA": .read, "Arch": .read, "Loss": .read, "Optimizer": .read,
    "DataLoader": .read, "Metric": .read, "Infer": .elsewhere, "Slim": .unsupported,
    "DistillModel": .unsupported, "UnLabelLoss": .unsupported, "MLDecoder": .unsupported,
    "profiler_options": .noEffect,
  ]
}
