import DLASystem
import DeepLayerAggregation

/// One classifier to evaluate: that of the options, or A or B of `--compare`.
struct EvaluationSide {
  /// Its name in a comparison; empty without one.
  let name: String
  /// The options that A or B replaces.
  private let replaced: [String: String]

  /// The classifiers that a command line asks for.
  ///
  /// - Throws: `UsageError` if the operands do not fit `--compare`.
  static func sides(_ arguments: Arguments) throws(UsageError) -> [EvaluationSide] {
    let names = arguments.positional
    guard arguments.has("--compare") else {
      guard names.isEmpty else {
        throw UsageError("\(names[0]) is not expected; name the images with --data PATH")
      }
      return [EvaluationSide(name: "", replaced: [:])]
    }
    guard names.count == 2 else {
      throw UsageError(
        "--compare takes two models, files of weights or presets, A and B; \(names.count) "
          + "\(names.count == 1 ? "is" : "are") given")
    }
    for option in ["--predictions", "--report"] where arguments.has(option) {
      throw UsageError("\(option) and --compare exclude each other")
    }
    let presets = names.filter { Preset.named($0) != nil }
    guard presets.count != 1 else {
      throw UsageError(
        "--compare \(names[0]) \(names[1]): \(presets[0]) is a preset and the other is not; name two "
          + "models, two files of weights or two presets")
    }
    guard names[0] != names[1] else {
      throw UsageError("--compare \(names[0]) \(names[1]): both are the same")
    }
    guard presets.isEmpty || !arguments.has("--preset") else {
      throw UsageError("--preset and a comparison of presets exclude each other")
    }
    return try names.map { name throws(UsageError) in
      let replaced = try replacement(name)
      guard replaced["--model"] == nil || !arguments.has("--weights") else {
        throw UsageError(
          "--compare \(name) and --weights name different weights; leave out one of them")
      }
      return EvaluationSide(name: name, replaced: replaced)
    }
  }

  /// The option that an operand replaces.
  ///
  /// - Throws: `UsageError` if it is no preset, file or network.
  private static func replacement(_ word: String) throws(UsageError) -> [String: String] {
    if Preset.named(word) != nil { return ["--preset": word.lowercased()] }
    do {
      _ = try Variant.named(word)
      return ["--model": word]
    } catch {
      guard Folder.kind(of: word) != nil else {
        throw UsageError("--compare \(word) is neither a preset nor a file, and \(error)")
      }
      return ["--weights": word]
    }
  }

  /// Opens the weights, the data and the journal.
  func run(_ arguments: Arguments) throws -> EvaluationRun {
    let arguments = arguments.replacing(replaced)
    let source = try WeightsOptions.source(arguments)
    var configuration = try ConfigurationOptions.configuration(arguments)
    if !arguments.has("--streams"), configuration.device == .cpu {
      configuration.streams = Self.streams(configuration.threads)
    }
    let classifier = try ClassifierOptions.classifier(arguments, source, configuration)
    let data = try DataOptions.source(arguments)
    let seed = try DataOptions.seed(arguments)
    let dataset = try DataOptions.dataset(data, classes: classifier.classNames, seed: seed)
    let limit = try arguments.integer("--limit", in: 1...Int.max)
    let most = [limit, dataset.count].compactMap(\.self).min()
    let batchSize = try batchSize(arguments, classifier, most: most ?? .max)
    let decodeThreads =
      try arguments.integer("--decode-threads", in: 1...1024) ?? max(1, configuration.threads)
    let settings = EvaluationSettings(
      classifier, source: source, data: data, dataset: dataset, seed: seed, limit: limit,
      batchSize: batchSize, decodeThreads: decodeThreads)
    return EvaluationRun(
      evaluation: Evaluation(
        classifier, on: dataset, batchSize: batchSize, decodeThreads: decodeThreads),
      settings: settings,
      journal: try EvaluationJournal(
        key: settings.key, classes: classifier.classNames, folder: .user,
        isResumed: arguments.has("--resume")),
      data: data.path, limit: limit, isStrict: arguments.has("--strict"),
      title: name)
  }

  private static let maxStreams = 8
  /// Pixels of an efficient batch: eight images of 224×224.
  private static let goodPixels = 8 * 224 * 224

  /// The most streams that leave at most an eighth of the threads unused.
  private static func streams(_ threads: Int) -> Int {
    (1...min(threads, maxStreams)).last { threads % $0 <= threads / 8 } ?? 1
  }

  private func batchSize(
    _ arguments: Arguments, _ classifier: Classifier, most: Int
  ) throws -> Int {
    let pixels = classifier.preprocessor.preset.crop * classifier.preprocessor.preset.crop
    let wanted =
      try arguments.integer("--batch-size", in: 1...4096)
      ?? min(128, max(1, Self.goodPixels / pixels))
    let size = min(wanted, max(1, most))
    try BatchSize.check(
      size, streams: classifier.network.configuration.streams,
      crop: classifier.preprocessor.preset.crop)
    return size
  }
}
