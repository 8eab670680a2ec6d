import DeepLayerAggregation

/// The options that select a classifier: the built-in one, or a file of weights.
enum ClassifierOptions {
  static let options =
    WeightsOptions.options + [
      Option(
        "--labels", "FILE",
        "Class names, one per line. Default: those of the weights, else ImageNet's for 1000 classes."
      )
    ]

  static func classifier(_ arguments: Arguments) throws -> Classifier {
    let configuration = try ConfigurationOptions.configuration(arguments)
    return try classifier(arguments, WeightsOptions.source(arguments), configuration)
  }

  /// The classifier of an open weights file; the built-in one if there is none.
  static func classifier(
    _ arguments: Arguments, _ model: CheckpointModel?, _ configuration: Network.Configuration
  ) throws -> Classifier {
    let names = try arguments["--labels"].map(ClassNames.init(path:))
    let preprocessing = try PresetOptions.networkOptions(arguments)
    guard let model else {
      return try .builtIn(
        preprocessing: preprocessing, classNames: names, configuration: configuration)
    }
    return try Classifier(
      model, preprocessing: preprocessing, classNames: names, configuration: configuration)
  }
}
