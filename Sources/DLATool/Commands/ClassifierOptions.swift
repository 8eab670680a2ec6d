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

  /// The classifier of weights that are open; the built-in one where there are none.
  static func classifier(
    _ arguments: Arguments, _ source: WeightsOptions.Source?, _ configuration: Network.Configuration
  ) throws -> Classifier {
    let names = try arguments["--labels"].map(ClassNames.init(path:))
    guard let source else {
      let preset = try PresetOptions.networkPreset(arguments, fallback: .builtIn)
      let classifier = try Classifier.builtIn(preset: preset, configuration: configuration)
      return try names.map { try Classifier(classifier.network, preset: preset, classNames: $0) }
        ?? classifier
    }
    let description = WeightsDescription(metadata: source.file.metadata)
    let preset = try PresetOptions.networkPreset(arguments, fallback: description.preset ?? .timm)
    let network = try source.network(configuration)
    guard network.inChannels == 3 else {
      throw InputError(
        "\(source.file.name): the network expects inputs of \(network.inChannels) channels, images "
          + "have 3; use dla run with tensors")
    }
    let own = description.classes
    return try Classifier(
      network, preset: preset,
      classNames: names
        ?? (own.count == network.classes ? ClassNames(count: own.count, names: own) : nil))
  }
}
