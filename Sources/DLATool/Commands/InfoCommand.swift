import DLACore
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
      ImageSizeOption.option,
      Option("--profile", nil, "Also measure every step."),
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
      ["packed weights kept", kept(in: engine.cache)],
    ]
    guard let name = arguments["--model"] else {
      for option in ["--batch-size", "--image-size", "--profile"] where arguments.has(option) {
        throw UsageError("\(option) needs --model NAME")
      }
      try Console.print(Table(rows: machine, alignment: [.left, .left]).description)
      return true
    }
    let variant = try Variant.named(name)
    let side = try ImageSizeOption.side(arguments)
    let pool = ThreadPool(count: engine.threads)
    let plan = try Plan(
      variant.graph(), weights: SyntheticWeights(variant),
      options: Plan.Options(
        batchSize: try arguments.integer("--batch-size", in: 1...4096) ?? 1,
        size: Size(height: side, width: side), instructionSet: engine.instructionSet,
        threads: pool.count))
    let network = [
      ["model", variant.name],
      ["input", "\(plan.options.batchSize)×3×\(side)×\(side)"],
      ["arena", bytes(plan.arenaBytes)],
      ["packed weights", bytes(plan.packedBytes)],
    ]
    try Console.print(Table(rows: machine + network, alignment: [.left, .left]).description)
    try Console.print("\n" + layers(plan).description)
    if arguments.has("--profile") {
      try Console.print("\n" + (try profile(plan, on: pool)).description)
    }
    return true
  }

  /// Where packed weights are kept, and how much is there.
  private static func kept(in cache: PackedWeightsCache?) -> String {
    guard let cache else { return "no" }
    let (files, size) = cache.size
    return "\(printable(cache.folder, limit: .max)), \(bytes(size)) of \(bytes(cache.limit)) "
      + "in \(files) file\(files == 1 ? "" : "s")"
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

  /// The median time of every step over some runs, and the rate of multiplying and adding.
  private static func profile(_ plan: Plan, on pool: ThreadPool) throws -> Table {
    let options = plan.options
    let run = try Run(plan, on: pool)
    let input = [Float](repeating: 0.5, count: options.batchSize * 3 * options.size.area)
    let runs = input.withUnsafeBufferPointer { input in
      (0..<23).map { _ in run.profile(input) }.dropFirst(2)
    }
    let layers = Dictionary(uniqueKeysWithValues: plan.layers.map { ($0.name, $0) })
    let names = runs.first?.map(\.name) ?? []
    let seconds = names.indices.map { step in
      runs.map { $0[step].seconds }.sorted()[runs.count / 2]
    }
    let total = seconds.reduce(0, +)
    let rows = zip(names, seconds).map { name, seconds in
      let operations = layers[name].map {
        2 * $0.convolution.weightShape.reduce(1, *) * $0.size.area * options.batchSize
      }
      return [
        name, fixed(seconds * 1e6, 1), fixed(seconds / total * 100, 1) + " %",
        operations.map { fixed(Double($0) / seconds * 1e-9, 0) } ?? "-",
      ]
    }
    return Table(
      header: ["step", "µs", "share", "GFLOP/s"],
      rows: rows + [["all", fixed(total * 1e6, 1), "", ""]],
      alignment: [.left, .right, .right, .right])
  }
}
