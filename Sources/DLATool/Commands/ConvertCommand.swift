import DLAText
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
    onnx         operator set 17; input [batch, 3, height, width] and logits [batch, classes], batch
                 free, height and width any multiple of 32; with --half the weights are cast to
                 float32 before use
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
    if kind == .json, arguments.positional.count == 1, let model {
      try GraphDescription(model, model.graph(classes: classes ?? 1000)).write(to: output)
      try report(output, model, classes: classes ?? 1000, part: nil)
      return true
    }
    guard let input = try input(arguments, model) else {
      throw UsageError("IN is missing; give a file of weights, or --model and dla pull's are taken")
    }
    try OutputFile.requireApart(output, from: input)
    if options.location == .beside { try OutputFile.requireApart(output + ".data", from: input) }
    let file = try CheckpointFile(path: input)
    let conversion = try Conversion(
      file, model: model?.name,
      classes: classes, newHead: arguments.has("--new-head"))
    switch kind {
    case .safetensors:
      try conversion.writeSafetensors(to: output, half: arguments.has("--half"))
    case .onnx: try conversion.writeONNX(to: output, options: options)
    case .json: try GraphDescription(conversion.variant, conversion.graph).write(to: output)
    }
    try report(
      output, conversion.variant, classes: conversion.classes, part: file.metadata["part"])
    return true
  }

  private static func report(
    _ output: String, _ variant: Variant, classes: Int, part: String?
  ) throws {
    let origin = part.map { ", from \(printable($0))" } ?? ""
    try Console.print(
      "\(printablePath(output))  \(variant.name), \(counted(classes, "class", "classes"))"
        + origin)
  }

  /// IN, or what was fetched for the model.
  private static func input(_ arguments: Arguments, _ model: Variant?) throws -> String? {
    if arguments.positional.count == 2 { return arguments.positional[0] }
    guard let model else { return nil }
    guard let path = WeightsOptions.fetchedFile(model) else {
      throw UsageError(
        "IN is missing; give a file of weights, or fetch those of \(model.name) with dla pull "
          + model.name)
    }
    return path
  }

  private static func kind(_ arguments: Arguments, output: String) throws -> Kind {
    let names = Kind.allCases.map(\.rawValue)
    let named = try arguments.choice("--to", of: names)
    let ending = output.split(separator: "/").last?.split(separator: ".").dropFirst().last
    guard let kind = (named ?? ending?.lowercased()).flatMap(Kind.init) else {
      throw UsageError(
        "\(output): what to write is not told by its name; OUT comes last and ends in "
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
