import DLASystem
import DLAText
import DeepLayerAggregation

/// What an evaluation is of: enough to know it again, and to tell people.
struct EvaluationSettings {
  /// A name and its value, in the order to show them.
  typealias Row = (name: String, value: String)

  /// What decides about every answer.
  let rows: [Row]
  /// How the machine was used, which decides about the time alone.
  let machine: [Row]
  /// What tells the evaluations of one machine apart.
  let key: UInt64

  init(
    _ classifier: Classifier, source: CheckpointModel?, data: DatasetSource,
    dataset: any Dataset, seed: Int?, limit: Int?, batchSize: Int, decodeThreads: Int
  ) {
    let preset = classifier.preprocessor.preset
    let configuration = classifier.network.configuration
    let weights = source?.file.name ?? "built in"
    let deciding: [Row] = [
      ("model", classifier.network.variant.name),
      ("weights", weights),
      ("classes", "\(classifier.network.classes)"),
      ("data", data.path),
      ("kind of data", dataset.summary),
      ("order", seed.map { "shuffled, seed \($0)" } ?? "as the data are"),
      ("preset", "\(preset.name): short side \(preset.resizeShort), crop \(preset.crop)"),
      ("mean", Self.text(preset.mean)),
      ("standard deviation", Self.text(preset.standardDeviation)),
    ]
    // Other numbers give other answers, if hardly ever; on the processor they are always the same.
    let arithmetic: [Row] =
      configuration.device == .cpu
      ? [] : [("device", classifier.network.deviceDescription)]
    rows = deciding + arithmetic + (limit.map { [("limit", "\(grouped($0)) at most")] } ?? [])
    let processor: [Row] =
      configuration.device == .cpu
      ? [("instruction set", configuration.instructionSet.rawValue)] : []
    machine =
      [("version", packageVersion)] + processor + [
        (
          "threads",
          "\(configuration.threads), \(configuration.streams) streams, \(decodeThreads) to decode"
        ),
        ("batch size", "\(batchSize)"),
      ]
    // Weights and data count by what they are, so that changed ones begin anew.
    let identity =
      (deciding + arithmetic).filter { $0.name != "weights" && $0.name != "data" }.map(\.value)
      + [
        "\(source?.file.contentHash() ?? 0)", resolvedPath(data.path), "\(dataset.fingerprint)",
        data.imageColumn ?? "", data.labelColumn ?? "", "\(preset.appliesOrientation)",
        classifier.classNames.names.joined(separator: "\n"),
        classifier.classNames.identifiers.joined(separator: "\n"), packageVersion,
      ]
    key = Array(identity.joined(separator: "\0").utf8).withUnsafeBytes { xxHash64($0) }
  }

  private static func text(_ values: SIMD3<Float>) -> String {
    (0..<3).map { "\(values[$0])" }.joined(separator: ", ")
  }
}
