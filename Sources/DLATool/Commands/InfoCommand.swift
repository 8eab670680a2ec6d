import DLABackend
import DLACPU
import DLACUDA
import DLAGraph
import DLAHub
import DLASystem
import DLATensor
import DLAText
import DeepLayerAggregation

/// `dla info`: what this machine offers and what the engine makes of a network.
enum InfoCommand: Command {
  static let name = "info"
  static let summary = "Show what the configuration uses of this machine, or of a network."
  static let synopsis = "[--model NAME] [--weights FILE]"
  static let options =
    [
      Option("--model", "NAME", "Show memory and algorithms for one network."),
      Option("--weights", "FILE", "Show what is in a file of weights, and its network."),
      Option("--batch-size", "N", "Images of a batch. Default: 1."),
      ImageSizeOption.option,
      Option("--plan", nil, "List every step: its algorithm, and why not another."),
      Option("--profile", nil, "Also measure every step; implies --plan."),
      Option(
        "--algorithm", Plan.algorithms.joined(separator: "|"),
        "Use this algorithm wherever it can be; on a GPU one as --plan shows. Default: what is expected to "
          + "be fastest."),
    ] + ConfigurationOptions.options

  static func run(_ arguments: Arguments) async throws -> Bool {
    guard arguments.positional.isEmpty else {
      throw UsageError(
        "\(arguments.positional[0]) is not expected; use --model NAME or --weights FILE")
    }
    let configuration = try ConfigurationOptions.configuration(arguments)
    var machine =
      [
        ["version", Tool.version],
        ["threads", "\(configuration.threads) of \(Network.Configuration().threads) processors"],
        ["instruction set", configuration.instructionSet.rawValue],
        ["available", InstructionSet.available.map(\.rawValue).joined(separator: ", ")],
        ["packed weights kept", kept(in: configuration.cache)],
        ["fetched weights", WeightsStore.user.map { printablePath($0.folder) } ?? "no"],
        ["timings kept", CacheFolder.user.map { printablePath($0.timings.path) } ?? "no"],
        ["evaluations kept", JournalFolder.user.map { printablePath($0.path) } ?? "no"],
      ]
    let file = try arguments["--weights"].map(CheckpointFile.init(path:))
    if let file {
      let table = WeightsTable(file)
      try Console.print(table.description)
      // What the engine makes of them is for those who ask.
      let others = ["--model"] + planOptions + ["--threads", "--isa", "--device"]
      guard others.contains(where: arguments.has) else { return true }
      try Console.print("")
    }
    machine += CUDAReport().rows.map { [$0.name, $0.value] }
    let source = try file.map { try CheckpointModel(of: $0, model: arguments["--model"]) }
    guard let variant = try source?.variant ?? arguments["--model"].map(Variant.named) else {
      for option in planOptions where arguments.has(option) {
        throw UsageError("\(option) needs --model NAME or --weights FILE")
      }
      if case .cuda(let number) = configuration.device {
        _ = try CUDADeviceProperties(number, of: CUDALibraries())
      }
      try Console.print(Table(rows: machine, alignment: [.left, .left]).description)
      return true
    }
    let side = try ImageSizeOption.side(arguments)
    let graph = source?.graph ?? variant.graph()
    let weights: any WeightSource = try source?.weights() ?? SyntheticWeights(variant)
    let backend = try configuration.backend(graph, weights)
    let options = PlanOptions(
      batchSize: try arguments.integer("--batch-size", in: 1...4096) ?? 1,
      size: SpatialSize(height: side, width: side),
      algorithm: try arguments.choice("--algorithm", of: backend.algorithms))
    let plan = try backend.describe(options)
    let network = [
      ["model", variant.name],
      ["input", "\(options.batchSize)×\(plan.inChannels)×\(side)×\(side)"],
      ["precision", configuration.precision.rawValue],
      ["arena", bytes(plan.arenaBytes)],
      ["packed weights", bytes(plan.weightBytes)],
    ]
    try Console.print(Table(rows: machine + network, alignment: [.left, .left]).description)
    guard arguments.has("--plan") || arguments.has("--profile") else { return true }
    let profile = arguments.has("--profile") ? try backend.profile(options) : nil
    try Console.print("\n" + PlanTable(plan: plan, profile: profile).table.description)
    return true
  }

  /// Options that ask for a network's plan.
  private static let planOptions = [
    "--batch-size", "--image-size", "--plan", "--profile", "--algorithm", "--tune",
  ]

  /// Where packed weights are kept, and how much is there.
  private static func kept(in cache: CacheFolder?) -> String {
    guard let files = cache?.packedWeights else { return "no" }
    let (count, size) = files.size
    return "\(printablePath(files.path)), \(bytes(size)) of \(bytes(files.limit)) "
      + "in \(counted(count, "file"))"
  }
}
