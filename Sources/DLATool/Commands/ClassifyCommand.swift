import DLASystem
import DLAText
import DeepLayerAggregation

/// `dla classify`: the most probable classes of images.
enum ClassifyCommand: Command {
  static let name = "classify"
  static let summary = "Classify images."
  static let synopsis = "[OPTION...] (PATH... | --files-from FILE)"
  static let operands = Option.Values.files
  static let options =
    ClassifierOptions.options + PresetOptions.options + [
      Option("--top", "K", "Number of classes to print per image. Default: 5."),
      Option(
        "--files-from", "FILE", "Read the paths from a file, one per line; - for standard input."),
      Option("--null", nil, "A zero byte ends each path of --files-from, as of find -print0."),
      Option("-0", nil, "The same."),
      Option("--batch-size", "N", "Images per batch. Default: 8."),
      Option("--json", nil, "Print one JSON object per image."),
      DataOptions.maxUnreadable,
    ] + ConfigurationOptions.options + [ConfigurationOptions.streams]
  static let details = """
    PATH is a JPEG, PNG, WebP or BMP file, a folder (searched recursively) or - for one image on
    standard input. Names in a folder that begin with a dot are ignored. Without --weights and --model,
    the built-in CIFAR-10 model (dla46_c, ten classes) is used.

    \(ConfigurationOptions.cacheNote)
    """

  static func run(_ arguments: Arguments) async throws -> Bool {
    let list = arguments["--files-from"]
    guard list != nil || !arguments.positional.isEmpty else { throw UsageError("no PATH is given") }
    guard (arguments.positional + [list].compactMap(\.self)).count(where: { $0 == "-" }) <= 1 else {
      throw UsageError("- is given more than once; standard input is read once")
    }
    let separatedByZero = arguments.has("--null") || arguments.has("-0")
    guard list != nil || !separatedByZero else {
      throw UsageError("--null needs --files-from FILE")
    }
    let maxUnreadable = try DataOptions.maxUnreadable(arguments)
    let top = try arguments.integer("--top", in: 1...1_000_000) ?? 5
    let batchSize = try arguments.integer("--batch-size", in: 1...4096) ?? 8
    let classifier = try ClassifierOptions.classifier(arguments)
    var found = ImagePaths()
    let listed = try list.map {
      try ImagePaths.paths(in: $0, separatedByZero: separatedByZero)
    }
    for path in arguments.positional + (listed ?? []) { found.add(path) }
    let size = min(batchSize, max(1, found.entries.count))
    try BatchSize.check(
      size, streams: classifier.network.configuration.streams,
      crop: classifier.preprocessor.preset.crop)

    let printer = PredictionPrinter(asJSON: arguments.has("--json"))
    var needsNote =
      arguments["--weights"] == nil && arguments["--model"] == nil && !arguments.has("--json")
    var failures = 0
    var entries = found.entries.makeIterator()
    let preprocessor = classifier.preprocessor
    try ClassificationPipeline(classifier, batchSize: size).run {
      entries.next().map { entry in
        switch entry {
        case .success(let path): (PathText.shown(path), entry)
        case .failure(let error): (error.name, entry)
        }
      }
    } image: { entry in
      try preprocessor.image(orStandardInput: entry.get())
    } report: { path, result in
      switch result {
      case .success(let scores):
        if needsNote { try printer.noteBuiltIn(classifier) }
        needsNote = false
        try printer.show(path, classifier.predictions(scores, top: top))
      case .failure(let error):
        failures += 1
        try printer.fail(path, error)
      }
      return true
    }
    return failures <= maxUnreadable
  }
}

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

      /// A missing label is written as null: every row has the same fields.
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
      Using the built-in CIFAR-10 model (\(classifier.network.variant.name)); pass --weights FILE to \
      use another.

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
        [
          "  " + fixed(Double($0.probability) * 100, 2) + " %", "\($0.index)",
          $0.label.map { printable($0) } ?? "",
        ]
      }, alignment: [.right, .right, .left])
    try Console.print("\(printablePath(path))\n\(table)")
  }

  func fail(_ path: String, _ error: any Error) throws {
    Console.warn(error, in: ClassifyCommand.self)
    if asJSON { try Console.print(JSON.line(Row(file: path, error: "\(error)"))) }
  }
}
