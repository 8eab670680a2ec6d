import DeepLayerAggregation

/// `dla classify`: what is in photographs.
enum ClassifyCommand: Command {
  static let name = "classify"
  static let summary = "Name what is in photographs."
  static let synopsis = "[OPTION...] PATH..."
  static let options =
    ClassifierOptions.options + PresetOptions.options + [
      Option("--top", "K", "Classes to show for each image. Default: 5."),
      Option("--batch-size", "N", "Images that pass the network together. Default: 8."),
      Option("--json", nil, "Print one JSON object a line."),
    ] + EngineOptions.options
  static let details = """
    A PATH is a JPEG, PNG or WebP image, a folder (searched with its subfolders) or - for one image on
    standard input. Without --weights the small built-in model of ten classes answers.
    """

  static func run(_ arguments: Arguments) async throws -> Bool {
    guard !arguments.positional.isEmpty else { throw UsageError("no PATH is given") }
    guard arguments.positional.count(where: { $0 == "-" }) <= 1 else {
      throw UsageError("- is given more than once; standard input holds one image")
    }
    let top = try arguments.integer("--top", in: 1...1_000_000) ?? 5
    let batchSize = try arguments.integer("--batch-size", in: 1...4096) ?? 8
    let classifier = try ClassifierOptions.classifier(arguments)
    let (paths, problems) = ImagePaths.expand(arguments.positional)
    problems.forEach(Console.warn)

    let printer = PredictionPrinter(asJSON: arguments.has("--json"))
    if arguments["--weights"] == nil, !arguments.has("--json") {
      try printer.noteBuiltIn(classifier)
    }
    let batches = BatchClassifier(classifier, batchSize: min(batchSize, max(1, paths.count)))
    let failures = try await batches.run(paths) { path, result in
      switch result {
      case .success(let scores):
        try printer.show(path, classifier.predictions(scores, top: top))
      case .failure(let error): try printer.fail(path, error)
      }
    }
    return failures == 0 && problems.isEmpty
  }
}

/// Prints results as they come.
private struct PredictionPrinter {
  private struct Row: Encodable {
    struct Prediction: Encodable {
      let index: Int
      let label: String?
      let probability: Float

      private enum CodingKeys: String, CodingKey {
        case index
        case label
        case probability
      }

      /// A label that is missing is written as null, so that every row has the same fields.
      func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(index, forKey: .index)
        try container.encode(label, forKey: .label)
        try container.encode(probability, forKey: .probability)
      }
    }
    let file: String
    var error: String?
    var predictions: [Prediction]?
  }

  let asJSON: Bool

  func noteBuiltIn(_ classifier: Classifier) throws {
    try Console.print(
      """
      The small built-in model of ten classes (\(classifier.network.variant.name), CIFAR-10, 32×32) \
      answers; --weights FILE takes another.

      """)
  }

  func show(_ path: String, _ predictions: [Prediction]) throws {
    guard !asJSON else {
      let rows = predictions.map {
        Row.Prediction(index: $0.index, label: $0.label, probability: $0.probability)
      }
      try Console.print(JSON.line(Row(file: path, predictions: rows)))
      return
    }
    let table = Table(
      rows: predictions.map {
        ["  " + fixed(Double($0.probability) * 100, 2) + " %", "\($0.index)", $0.label ?? ""]
      }, alignment: [.right, .right, .left])
    try Console.print("\(path)\n\(table)")
  }

  func fail(_ path: String, _ error: any Error) throws {
    Console.warn("\(error)")
    if asJSON { try Console.print(JSON.line(Row(file: path, error: "\(error)"))) }
  }
}
