import DLACore
import DeepLayerAggregation

/// `dla convert`: weights from a file of one kind to a file of another.
enum ConvertCommand: Command {
  static let name = "convert"
  static let summary = "Convert weights to safetensors or ONNX."
  static let synopsis = "[OPTION...] [IN] OUT"
  static let options = [
    Option(
      "--to", Kind.allCases.map(\.rawValue).joined(separator: "|"),
      "What to write. Default: told from OUT's name."),
    WeightsOptions.model,
    Option("--classes", "N", "Rows of the classifier. Default: as many as the weights have."),
    Option("--new-head", nil, "Make the classifier anew, for instance with --classes 10."),
    Option("--half", nil, "Store weights as float16."),
    Option("--batch-norm", "fold|keep", "ONNX: fold norms into convolutions. Default: fold."),
    Option("--external-data", nil, "ONNX: store the weights beside the model, in OUT.data."),
  ]
  static let details = """
    IN is what torch.save or paddle.save wrote, since PyTorch 1.6 or before, or safetensors; a state
    dict or a training checkpoint, of which averaged weights are taken first. Without it --model names
    the network whose weights dla pull has fetched.
    safetensors  timm's tensor names, every tensor to the bit
    onnx         operator set 17; input [batch, 3, height, width] and logits [batch, classes], batch,
                 height and width free; with --half the weights are cast to float32 before use
    json         the network without weights: operations, their inputs and tensors, for other tools
    """

  /// What can be written.
  enum Kind: String, CaseIterable {
    case safetensors, onnx, json
  }

  static func run(_ arguments: Arguments) async throws -> Bool {
    let model = try arguments["--model"].map(Variant.named)
    guard let output = arguments.positional.last, arguments.positional.count <= 2 else {
      throw UsageError("IN and OUT are expected, \(arguments.positional.count) files are given")
    }
    let kind = try kind(arguments, output: output)
    let options = try onnxOptions(arguments)
    let classes = try WeightsOptions.classes(arguments)
    let named = arguments.positional.count == 2 ? arguments.positional[0] : nil
    guard let input = try named ?? model.map(WeightsOptions.fetched) else {
      throw UsageError("IN is missing; give a file of weights, or --model and dla pull's are taken")
    }
    try OutputFile.requireApart(output, from: input)
    let conversion = try Conversion(
      CheckpointFile(path: input), model: model?.name,
      classes: classes, newHead: arguments.has("--new-head"))
    switch kind {
    case .safetensors:
      try conversion.writeSafetensors(to: output, half: arguments.has("--half"))
    case .onnx: try conversion.writeONNX(to: output, options: options)
    case .json: try GraphDescription(conversion).write(to: output)
    }
    try Console.print(
      "\(printable(output, limit: .max))  \(conversion.variant.name), "
        + "\(conversion.classes) classes")
    return true
  }

  private static func kind(_ arguments: Arguments, output: String) throws -> Kind {
    let names = Kind.allCases.map(\.rawValue)
    let named = try arguments.choice("--to", of: names)
    let ending = output.split(separator: "/").last?.split(separator: ".").dropFirst().last
    guard let kind = (named ?? ending?.lowercased()).flatMap(Kind.init) else {
      throw UsageError(
        "\(output): what to write is not told by its name; end it in "
          + names.map { ".\($0)" }.joined(separator: ", ") + ", or give --to")
    }
    for option in ["--batch-norm", "--external-data"] where arguments.has(option) && kind != .onnx {
      throw UsageError("\(option) is for ONNX, \(kind.rawValue) is written")
    }
    guard kind != .json || !arguments.has("--half") else {
      throw UsageError("--half is for weights, json holds none")
    }
    return kind
  }

  private static func onnxOptions(_ arguments: Arguments) throws -> ONNXModel.Options {
    var options = ONNXModel.Options()
    if try arguments.choice("--batch-norm", of: ["fold", "keep"]) == "keep" {
      options.batchNorm = .keep
    }
    options.halfPrecision = arguments.has("--half")
    if arguments.has("--external-data") { options.location = .beside }
    return options
  }
}
