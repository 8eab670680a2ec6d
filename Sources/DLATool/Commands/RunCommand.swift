import DLABackend
import DLACheckpoints
import DLATensor
import DLAText
import DeepLayerAggregation

enum RunCommand: Command {
  static let name = "run"
  static let summary = "Run a network on tensors."
  static let synopsis = "--weights FILE --input X.safetensors --output Y.safetensors"
  static let options =
    WeightsOptions.options + [
      Option("--input", "FILE", "Safetensors file with the tensor input, float32, N×C×H×W."),
      Option("--output", "FILE", "Safetensors file to write: logits, N×classes."),
      Option("--features", nil, "Also write the feature maps level0 to level5, N×C×H×W."),
    ] + ConfigurationOptions.options
  static let details = ConfigurationOptions.cacheNote

  /// 4 GiB of input: a sparse file may claim more than fits in memory.
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
        "\(input): none of its \(file.entries.count) tensors"
          + (names.isEmpty ? "" : " (\(names) …)")
          + " is named input; float32, N×C×H×W, is expected")
    }
    guard entry.count <= maxNumbers else {
      throw InputError(
        "\(input): tensor input has \(entry.count) elements, the limit is \(maxNumbers); split the batch"
      )
    }
    let result = try network(
      file.tensor(named: "input"), returnsFeatures: arguments.has("--features"))
    let levels = result.levels.enumerated().map { ("level\($0)", $1) }
    let tensors = [("logits", result.logits)] + levels
    try SafetensorsWriter.write(tensors, to: output)
    return reportNonFinite(tensors, configuration.precision)
  }

  /// Warns of each tensor with NaN or infinite elements.
  ///
  /// - Returns: whether all elements are finite.
  private static func reportNonFinite(
    _ tensors: [(String, Tensor)], _ precision: Precision
  ) -> Bool {
    var isFinite = true
    for (name, tensor) in tensors {
      let count = tensor.elements.count { !$0.isFinite }
      guard count > 0 else { continue }
      isFinite = false
      Console.warn(
        "\(name): \(grouped(count)) of \(grouped(tensor.elements.count)) elements are NaN or infinite"
          + (precision == .fp16 ? "; fp16 ends at 65504, use --precision bf16 or fp32" : ""))
    }
    return isFinite
  }
}
