import DLACore
import DeepLayerAggregation

/// One of the classifiers that are evaluated: the one that the options name, or A or B of --compare.
struct EvaluationSide {
  /// What it is called beside the other; empty where there is no other.
  let name: String
  /// What the options say, with what A or B replaces.
  private let replaced: [String: String]

  /// The classifiers that a command line asks for.
  ///
  /// - Throws: `UsageError` if --compare and what stands beside the options do not agree.
  static func sides(_ arguments: Arguments) throws(UsageError) -> [EvaluationSide] {
    let names = arguments.positional
    guard arguments.has("--compare") else {
      guard names.isEmpty else {
        throw UsageError("\(names[0]) is not expected; name the pictures with --data PATH")
      }
      return [EvaluationSide(name: "", replaced: [:])]
    }
    guard names.count == 2 else {
      throw UsageError(
        "--compare takes two models, files of weights or presets, \(names.count) "
          + "\(names.count == 1 ? "is" : "are") given")
    }
    for option in ["--predictions", "--report"] where arguments.has(option) {
      throw UsageError("\(option) is for one network; leave it out, or --compare")
    }
    return names.map { EvaluationSide(name: $0, replaced: replacement($0)) }
  }

  /// The option that a word stands for.
  private static func replacement(_ word: String) -> [String: String] {
    if Preset.named(word) != nil { return ["--preset": word.lowercased()] }
    return (try? Variant.named(word)) == nil ? ["--weights": word] : ["--model": word]
  }

  /// Opens the weights, the data and the journal.
  func run(_ arguments: Arguments) throws -> EvaluationRun {
    let arguments = arguments.replacing(replaced)
    let source = try WeightsOptions.source(arguments)
    var engine = try EngineOptions.engine(arguments)
    if !arguments.has("--streams") { engine.streams = min(engine.threads, Self.mostStreams) }
    let classifier = try ClassifierOptions.classifier(arguments, source, engine)
    let data = try DataOptions.source(arguments)
    let seed = try DataOptions.seed(arguments)
    let dataset = try DataOptions.dataset(data, classes: classifier.classNames, seed: seed)
    let batchSize = try batchSize(arguments, classifier)
    let decodeThreads =
      try arguments.integer("--decode-threads", in: 1...1024) ?? max(1, engine.threads)
    let settings = EvaluationSettings(
      classifier, source: source, data: data, dataset: dataset, seed: seed, batchSize: batchSize,
      decodeThreads: decodeThreads)
    let folder = userCacheFolder(Platform.environment).map { "\($0)/evaluations" }
    return EvaluationRun(
      evaluation: Evaluation(
        classifier, on: dataset, batchSize: batchSize, decodeThreads: decodeThreads),
      settings: settings,
      journal: try EvaluationJournal(
        key: settings.key, classes: classifier.classNames, folder: folder,
        isResumed: arguments.has("--resume")),
      limit: try arguments.integer("--limit", in: 1...Int.max), isStrict: arguments.has("--strict"),
      title: name)
  }

  private static let mostStreams = 8
  /// Pixels of all batches that run at the same time; twice as many are decoded ahead.
  private static let mostPixels = 64 << 20
  /// Pixels that keep the network busy: eight pictures of 224×224.
  private static let goodPixels = 8 * 224 * 224

  private func batchSize(_ arguments: Arguments, _ classifier: Classifier) throws -> Int {
    let pixels = classifier.preprocessor.preset.crop * classifier.preprocessor.preset.crop
    let size =
      try arguments.integer("--batch-size", in: 1...4096)
      ?? min(128, max(1, Self.goodPixels / pixels))
    let streams = classifier.network.engine.streams
    guard streams * size * pixels <= Self.mostPixels else {
      throw UsageError(
        "\(streams) batches of \(size) images are more than \(Self.mostPixels >> 20) million pixels; "
          + "lower --batch-size, --streams or --crop")
    }
    return size
  }
}
