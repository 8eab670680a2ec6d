import DeepLayerAggregation

/// `dla info`: what this machine offers and what the engine makes of a network.
enum InfoCommand: Command {
  static let name = "info"
  static let summary = "Show what the engine uses of this machine, or of a network."
  static let synopsis = "[--model NAME]"
  static let options =
    [
      Option("--model", "NAME", "Show memory and algorithms for one network."),
      Option("--batch-size", "N", "Images of a batch. Default: 1."),
      Option("--image-size", "PIXELS", "Side of the images; a multiple of 32. Default: 224."),
    ] + EngineOptions.options

  static func run(_ arguments: Arguments) async throws -> Bool {
    guard arguments.positional.isEmpty else {
      throw UsageError("\(arguments.positional[0]) is not expected; use --model NAME")
    }
    let engine = try EngineOptions.engine(arguments)
    let machine = [
      ["version", Tool.version],
      ["threads", "\(engine.threads) of \(Network.Engine().threads) processors"],
      ["instruction set", engine.instructionSet.rawValue],
      ["available", InstructionSet.available.map(\.rawValue).joined(separator: ", ")],
    ]
    guard let name = arguments["--model"] else {
      Console.print(Table(rows: machine, alignment: [.left, .left]).description)
      return true
    }
    let variant = try Variant.named(name)
    let side = try arguments.integer("--image-size", in: 32...4096) ?? 224
    let plan = try Plan(
      variant.graph(), weights: SyntheticWeights(model: variant.name),
      options: Plan.Options(
        batchSize: try arguments.integer("--batch-size", in: 1...4096) ?? 1,
        size: Size(height: side, width: side), instructionSet: engine.instructionSet,
        threads: engine.threads))
    let network = [
      ["model", variant.name],
      ["input", "\(plan.options.batchSize)×3×\(side)×\(side)"],
      ["arena", bytes(plan.arenaBytes)],
      ["packed weights", bytes(plan.packedBytes)],
    ]
    Console.print(Table(rows: machine + network, alignment: [.left, .left]).description)
    Console.print("\n" + layers(plan).description)
    return true
  }

  private static func layers(_ plan: Plan) -> Table {
    Table(
      header: ["layer", "channels", "kernel", "groups", "output", "algorithm", "declined"],
      rows: plan.layers.map { layer in
        let convolution = layer.convolution
        return [
          layer.name, "\(convolution.inputChannels)→\(convolution.outputChannels)",
          "\(convolution.side)×\(convolution.side)/\(convolution.stride)", "\(convolution.groups)",
          "\(layer.size.height)×\(layer.size.width)", layer.choice.algorithm,
          layer.choice.declined.map { "\($0.algorithm): \($0.reason)" }.joined(separator: "; "),
        ]
      }, alignment: [.left, .right, .left, .right, .left, .left, .left])
  }
}
