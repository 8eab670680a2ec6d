import DeepLayerAggregation

/// Which classifier a command uses: the built-in one, or weights that a person names.
enum ClassifierOptions {
  static let options =
    WeightsOptions.options + [
      Option("--labels", "FILE", "Names of the classes, one a line. Default: ImageNet's for 1000.")
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
