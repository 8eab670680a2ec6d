import CDLABuiltInModel
import DLACheckpoints
import DLAData
import DLAModels

extension Classifier {
  /// The small classifier that is part of the program: dla46_c trained by `dla train` on CIFAR-10, ten
  /// classes, whose images of 32×32 pixels were enlarged to 96×96.
  ///
  /// Source, accuracy: Documentation/BuiltInModel.md.
  ///
  /// - Parameters:
  ///   - preset: how images become its input; the default scales them to 96 pixels.
  ///   - configuration: how to use the machine.
  /// - Returns: the classifier with its labels.
  /// - Throws: `CheckpointError` if the program was built with a broken file; `RuntimeError` with
  ///   `.unsuitableConfiguration`.
  public static func builtIn(
    preset: Preset = .builtIn, configuration: Network.Configuration = .init()
  ) throws -> Classifier {
    let begin = dla_builtin_model_begin_address()
    let end = dla_builtin_model_end_address()
    let bytes = UnsafeRawBufferPointer(
      start: begin, count: begin.flatMap { begin in end.map { $0 - begin } } ?? 0)
    let file = try CheckpointFile(bytes: bytes, name: "the built-in model")
    let description = WeightsDescription(metadata: file.metadata)
    return try Classifier(
      Network(file: file, model: description.model, configuration: configuration), preset: preset,
      labels: description.classes)
  }
}

extension Preset {
  /// What the built-in model was trained with: timm's preprocessing at 96 pixels.
  public static let builtIn: Preset = {
    var preset = Preset.timm
    preset.resizeShort = 96
    preset.crop = 96
    return preset
  }()
}
