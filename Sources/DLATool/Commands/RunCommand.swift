import DeepLayerAggregation

/// `dla run`: raw tensors through a network.
enum RunCommand: Command {
  static let name = "run"
  static let summary = "Pass raw tensors through a network."
  static let synopsis = "--model NAME --weights FILE --input X.safetensors --output Y.safetensors"
  static let options =
    [
      Option("--model", "NAME", "The network. Default: told from the weights."),
      Option("--weights", "FILE", "Weights as safetensors with timm's names."),
      Option("--input", "FILE", "A safetensors file with float32 `input`, N×C×H×W."),
      Option("--output", "FILE", "The safetensors file to write: `logits`, N×classes."),
      Option("--features", nil, "Also write `level0` to `level5`, each N×C×H×W."),
    ] + EngineOptions.options

  static func run(_ arguments: Arguments) async throws -> Bool {
    guard arguments.positional.isEmpty else {
      throw UsageError("\(arguments.positional[0]) is not expected; use --input")
    }
    let weights = try arguments.required("--weights")
    let input = try arguments.required("--input")
    let output = try arguments.required("--output")
    let network = try Network(
      weights: weights, model: arguments["--model"], engine: EngineOptions.engine(arguments))
    let images = try SafetensorsFile(path: input).tensor(named: "input")
    let result = try network(images, keepsLevels: arguments.has("--features"))
    let levels = result.levels.enumerated().map { ("level\($0)", $1) }
    try SafetensorsWriter.write([("logits", result.logits)] + levels, to: output)
    return true
  }
}
