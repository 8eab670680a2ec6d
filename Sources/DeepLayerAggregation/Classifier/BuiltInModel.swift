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
    let bytes = UnsafeRawBufferPointer(
      start: dla_builtin_model.bytes, count: dla_builtin_model.size)
    let file = try CheckpointFile(bytes: bytes, name: "the built-in model")
    return try Classifier(
      CheckpointModel(of: file), preprocessing: preprocessing, classNames: classNames,
      configuration: configuration)
  }
}
