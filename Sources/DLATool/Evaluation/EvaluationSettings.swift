import DLASystem
import DLAText
import DeepLayerAggregation

/// The settings of an evaluation, for the output and as the key of its journal.
struct EvaluationSettings {
  /// A name and a value, in the order of the output.
  typealias Row = (name: String, value: String)

  /// The settings that determine the predictions.
  let rows: [Row]
  /// The settings that affect speed only.
  let hardware: [Row]
  /// A hash that identifies the evaluation.
  let key: UInt64

  init(
    _ classifier: Classifier, source: CheckpointModel?, data: DatasetSource,
    dataset: any Dataset, seed: Int?, limit: Int?, batchSize: Int, decodeThreads: Int
  ) {
    let preset = classifier.preprocessor.preset
    let configuration = classifier.network.configuration
    let weights = source?.file.name ?? "built-in"
    let deciding: [Row] = [
      ("model", classifier.network.variant.name),
      ("weights", weights),
      ("classes", "\(classifier.network.classes)"),
      ("data", data.path),
      ("data format", dataset.summary),
      ("order", seed.map { "shuffled, seed \($0)" } ?? "not shuffled"),
      (
        "preset",
        "\(preset.name): \(preset.resampling), resize \(preset.resizeShort), crop \(preset.crop)"
      ),
      ("mean", Self.text(preset.mean)),
      ("standard deviation", Self.text(preset.standardDeviation)),
    ]
    // Arithmetic on a GPU depends on the device; on the CPU it is the same for all.
    let arithmetic: [Row] =
      configuration.device == .cpu
      ? [] : [("device", classifier.network.deviceDescription)]
    rows = deciding + arithmetic + (limit.map { [("limit", "at most \(grouped($0))")] } ?? [])
    let processor: [Row] =
      configuration.device == .cpu
      ? [("instruction set", configuration.instructionSet.rawValue)] : []
    hardware =
      [("version", packageVersion)] + processor + [
        (
          "threads",
          "\(configuration.threads), \(counted(configuration.streams, "stream", "streams")), "
            + "\(decodeThreads) for decoding"
        ),
        ("batch size", "\(batchSize)"),
      ]
    // Weights and data are identified by content: changed ones make a new evaluation.
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
