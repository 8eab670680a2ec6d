import CDLABuiltInModel
import DLACheckpoints
import DLAData
import DLAModels

extension Classifier {
  /// The built-in CIFAR-10 model: dla46_c with ten classes, trained on images of 32×32 pixels that
  /// were enlarged to 96×96.
  ///
  /// - Parameters:
  ///   - preprocessing: settings that replace those of the model, which resizes to 96 pixels.
  ///   - classNames: the classes; nil for CIFAR-10's.
  ///   - configuration: the device, threads and caches to use.
  /// - Returns: the classifier.
  /// - Throws: as `init(_:preprocessing:classNames:configuration:)`.
  /// - Accuracy: 88.19% Top-1 on CIFAR-10's test images, see Documentation/BuiltInModel.md.
  public static func builtIn(
    preprocessing: PreprocessingOptions = .init(), classNames: ClassNames? = nil,
    configuration: Network.Configuration = .init()
  ) throws -> Classifier {
    let begin = dla_builtin_model_begin_address()
    let end = dla_builtin_model_end_address()
    let bytes = UnsafeRawBufferPointer(
      start: begin, count: begin.flatMap { begin in end.map { $0 - begin } } ?? 0)
    let file = try CheckpointFile(bytes: bytes, name: "the built-in model")
    return try Classifier(
      CheckpointModel(of: file), preprocessing: preprocessing, classNames: classNames,
      configuration: configuration)
  }
}
