import DLABackend
import DLACPU
import DLACUDA
import DLAGraph
import DLAHub
import DLASystem
import DLATensor
import DLAText
import DeepLayerAggregation

/// `dla info`: the hardware, a file of weights, or the plan of a network.
enum InfoCommand: Command {
  static let name = "info"
  static let summary = "Show hardware and caches, a file of weights, or the plan of a network."
  static let synopsis = "[--model MODEL] [--weights FILE] [OPTION...]"
  static let options =
    [
      Option("--model", "MODEL", "Show memory and algorithms of a network."),
      Option("--weights", "FILE", "Show the contents of a file of weights and its network."),
      WeightsOptions.part,
      Option("--batch-size", "N", "Images per batch. Default: 1."),
      ImageSizeOption.option,
      Option("--plan", nil, "List every step, its algorithm, and why others were not chosen."),
      Option("--profile", nil, "Also measure every step; implies --plan."),
      Option(
        "--algorithm", "NAME",
        "Force an algorithm where it is supported: \(Plan.algorithms.joined(separator: ", ")); on a GPU "
          + "one that --plan shows. Default: the one with the lowest predicted time.",
        words: Plan.algorithms),
    ] + ConfigurationOptions.options

  static func run(_ arguments: Arguments) async throws -> Bool {
    guard arguments.positional.isEmpty else {
      throw UsageError(
        "\(arguments.positional[0]) is not expected; use --model MODEL or --weights FILE")
    }
    let configuration = try ConfigurationOptions.configuration(arguments)
    var hardware: [[String]] =
      [
        ["version", Tool.version],
        ["threads", "\(configuration.threads) of \(Network.Configuration().threads) processors"],
        ["instruction set", configuration.instructionSet.rawValue],
        ["available", InstructionSet.available.map(\.rawValue).joined(separator: ", ")],
        ["packed weights cache", cached(in: configuration.cache)],
        ["downloaded weights", WeightsStore.user.map { printablePath($0.folder) } ?? "no"],
        ["tuning cache", CacheFolder.user.map { printablePath($0.timings.path) } ?? "no"],
        ["evaluation journals", JournalFolder.user.map { printablePath($0.path) } ?? "no"],
      ]
    let file = try arguments["--weights"].map(CheckpointFile.init(path:))
    let found = file.map { file in
      Result {
        try CheckpointModel(of: file, model: arguments["--model"], part: arguments["--part"])
      }
    }
    if let file, let found {
      let table = WeightsTable(file, found)
      try Console.print(table.description)
      // The plan is shown on request only.
      let others = ["--model"] + planOptions + ["--threads", "--isa", "--device"]
      guard others.contains(where: arguments.has) else { return true }
      try Console.print("")
    }
    hardware += CUDAReport().rows.map { [$0.name, $0.value] }
    let source = try found?.get()
    guard let variant = try source?.variant ?? arguments["--model"].map(Variant.named) else {
      for option in planOptions where arguments.has(option) {
        throw UsageError("\(option) needs --model MODEL or --weights FILE")
      }
      if case .cuda(let number) = configuration.device {
        _ = try CUDADeviceProperties(number, of: CUDALibraries())
      }
      try Console.print(Table(rows: hardware, alignment: [.left, .left]).description)
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
    let network: [[String]] = [
      ["model", variant.name],
      ["input", "\(options.batchSize)×\(plan.inChannels)×\(side)×\(side)"],
      ["precision", configuration.precision.rawValue],
      ["arena", bytes(plan.arenaBytes)],
      ["packed weights", bytes(plan.weightBytes)],
    ]
    try Console.print(Table(rows: hardware + network, alignment: [.left, .left]).description)
    guard arguments.has("--plan") || arguments.has("--profile") else { return true }
    let profile = arguments.has("--profile") ? try backend.profile(options) : nil
    try Console.print("\n" + PlanTable(plan: plan, profile: profile).table.description)
    return true
  }

  /// Options that need a network.
  private static let planOptions = [
    "--batch-size", "--image-size", "--plan", "--profile", "--algorithm", "--tune",
  ]

  /// The folder of the cache and its size.
  private static func cached(in cache: CacheFolder?) -> String {
    guard let files = cache?.packedWeights else { return "no" }
    let (count, size) = files.size
    return "\(printablePath(files.path)), \(bytes(size)) of \(bytes(files.limit)) "
      + "in \(counted(count, "file"))"
  }
}
