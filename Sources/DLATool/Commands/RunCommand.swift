import DLACheckpoints
import DLAText
import DeepLayerAggregation

/// `dla run`: raw tensors through a network.
enum RunCommand: Command {
  static let name = "run"
  static let summary = "Pass raw tensors through a network."
  static let synopsis = "--weights FILE --input X.safetensors --output Y.safetensors"
  static let options =
    WeightsOptions.options + [
      Option("--input", "FILE", "A safetensors file with float32 `input`, N×C×H×W."),
      Option("--output", "FILE", "The safetensors file to write: `logits`, N×classes."),
      Option("--features", nil, "Also write `level0` to `level5`, each N×C×H×W."),
    ] + ConfigurationOptions.options
  static let details = ConfigurationOptions.cacheNote

  /// Four gigabytes of input; a file may claim more than memory holds without having it on disk.
  private static let maxNumbers = 1 << 30

  static func run(_ arguments: Arguments) async throws -> Bool {
    guard arguments.positional.isEmpty else {
      throw UsageError("\(arguments.positional[0]) is not expected; use --input")
    }
    let input = try arguments.required("--input")
    let output = try arguments.required("--output")
    for read in [arguments["--weights"], input] {
      if let read { try OutputFile.requireApart(output, from: read) }
    }
    let configuration = try ConfigurationOptions.configuration(arguments)
    guard let source = try WeightsOptions.source(arguments) else {
      throw UsageError("--weights is missing")
    }
    let network = try Network(source, configuration: configuration)
    let file = try CheckpointFile(path: input)
    guard let entry = file.entry(named: "input") else {
      let names = file.entries.prefix(3).map { printable($0.name) }.joined(separator: ", ")
      throw InputError(
        "\(input): there is no tensor input among its \(file.entries.count)"
          + (names.isEmpty ? "" : " (\(names) …)") + "; float32 input, N×C×H×W, is expected")
    }
    guard entry.count <= maxNumbers else {
      throw InputError(
        "\(input): tensor input has \(entry.count) numbers, at most \(maxNumbers) pass at once; "
          + "split the batch")
    }
    let result = try network(
      file.tensor(named: "input"), returnsFeatures: arguments.has("--features"))
    let levels = result.levels.enumerated().map { ("level\($0)", $1) }
    try SafetensorsWriter.write([("logits", result.logits)] + levels, to: output)
    return true
  }
}
