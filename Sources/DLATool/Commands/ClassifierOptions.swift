import DeepLayerAggregation

/// Which classifier a command uses: the built-in one, or weights that a person names.
enum ClassifierOptions {
  static let options =
    WeightsOptions.options + [
      Option("--labels", "FILE", "Names of the classes, one a line. Default: ImageNet's for 1000.")
    ]

  static func classifier(_ arguments: Arguments) throws -> Classifier {
    let engine = try EngineOptions.engine(arguments)
    let labels = try arguments["--labels"].map(LabelFile.read)
    guard let source = try WeightsOptions.source(arguments) else {
      let preset = try PresetOptions.networkPreset(arguments, fallback: .builtIn)
      let classifier = try Classifier.builtIn(preset: preset, engine: engine)
      return try labels.map { try Classifier(classifier.network, preset: preset, labels: $0) }
        ?? classifier
    }
    let preset = try PresetOptions.networkPreset(arguments, fallback: .timm)
    let network = try source.network(engine)
    guard network.inputChannels == 3 else {
      throw InputError(
        "\(source.file.name): it expects images of \(network.inputChannels) channels, photographs "
          + "have 3; use dla run")
    }
    return try Classifier(network, preset: preset, labels: labels)
  }
}
