import DLATensor
import DLAText
import DeepLayerAggregation

/// `dla convert`: weights in another file format.
enum ConvertCommand: Command {
  static let name = "convert"
  static let summary = "Convert weights to safetensors or ONNX."
  static let synopsis = "[OPTION...] [IN] OUT"
  static let operands = Option.Values.files
  static let options = [
    Option(
      "--to", Kind.allCases.map(\.rawValue).joined(separator: "|"),
      "Output format. Default: by the extension of OUT."),
    WeightsOptions.model, WeightsOptions.part,
    Option("--classes", "N", "Number of classes. Default: that of the weights."),
    Option(
      "--new-head", nil,
      "Replace the classifier by a randomly initialized one, for instance with --classes 10."),
    Option("--half", nil, "Store the weights as float16."),
    Option(
      "--batch-norm", "fold|keep",
      "ONNX: fold batch norms into convolutions, or keep them. Default: fold."),
    Option("--external-data", nil, "ONNX: store the weights in a separate file, OUT.data."),
  ]
  static let details = """
    IN is a file written by torch.save, paddle.save or in the safetensors format: a state dict or a
    training checkpoint, of which averaged weights are preferred. Without IN, the downloaded weights of
    --model are converted. Output formats:
      safetensors  Tensor names of timm; values are copied bit by bit.
      onnx         Operator set 17; input [batch, 3, height, width], output logits [batch, classes];
                   dynamic batch, height and width (multiples of 32). With --half, weights are cast to
                   float32 before use.
      json         The graph without weights: operations, inputs and tensors.
    """

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
      throw UsageError(
        "IN is missing; name a file of weights, or a downloaded network with --model")
    }
    try OutputFile.requireApart(output, from: input)
    if options.location == .beside { try OutputFile.requireApart(output + ".data", from: input) }
    let file = try CheckpointFile(path: input)
    let conversion = try Conversion(
      file, model: model?.name, part: arguments["--part"], classes: classes,
      newHead: arguments.has("--new-head"))
    WeightsOptions.show(conversion.note, conversion.isAlone)
    switch kind {
    case .safetensors:
      try conversion.writeSafetensors(to: output, half: arguments.has("--half"))
    case .onnx: try conversion.writeONNX(to: output, options: options)
    case .json: try GraphDescription(conversion.variant, conversion.graph).write(to: output)
    }
    try report(output, conversion.variant, classes: conversion.classes, part: conversion.partName)
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

  /// IN, or the downloaded file of the model.
  private static func input(_ arguments: Arguments, _ model: Variant?) throws -> String? {
    if arguments.positional.count == 2 { return arguments.positional[0] }
    guard let model else { return nil }
    guard let path = WeightsOptions.fetchedFile(model) else {
      throw UsageError(
        "IN is missing; name a file of weights, or download those of \(model.name) with dla pull "
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
        "\(output): the extension names no output format; OUT is the last argument and ends in "
          + names.map { ".\($0)" }.joined(separator: ", ") + ", or pass --to")
    }
    for option in ["--batch-norm", "--external-data"] where arguments.has(option) && kind != .onnx {
      throw UsageError("\(option) applies to ONNX, the output format is \(kind.rawValue)")
    }
    guard kind != .json || !arguments.has("--half") else {
      throw UsageError("--half applies to weights, json contains none")
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
