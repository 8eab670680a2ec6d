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
      Option("--plan", nil, "List every step: its algorithm, and why not another."),
      Option("--profile", nil, "Also measure every step; implies --plan."),
      Option(
        "--algorithm", Plan.algorithms.joined(separator: "|"),
        "Use this algorithm wherever it can be. Default: what is expected to be fastest."),
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
      ["timings kept", TuningCache.user.map { printable($0.folder, limit: .max) } ?? "no"],
    ]
    guard let name = arguments["--model"] else {
      for option in ["--batch-size", "--image-size", "--plan", "--profile", "--algorithm"] where arguments.has(option) {
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
        threads: pool.count, algorithm: try arguments.choice("--algorithm", of: Plan.algorithms)),
      tuner: engine.tuning.map { Tuner($0, timer: PoolTimer(pool)) })
    let network = [
      ["model", variant.name],
      ["input", "\(plan.options.batchSize)×3×\(side)×\(side)"],
      ["arena", bytes(plan.arenaBytes)],
      ["packed weights", bytes(plan.packedBytes)],
    ]
    try Console.print(Table(rows: machine + network, alignment: [.left, .left]).description)
    guard arguments.has("--plan") || arguments.has("--profile") else { return true }
    let measured = arguments.has("--profile") ? try profile(plan, on: pool) : nil
    let peak = measured.map { _ in KernelPeak.flops(engine.instructionSet, on: pool) }
    try Console.print("\n" + steps(plan, measured: measured, peak: peak).description)
    return true
  }

  /// Where packed weights are kept, and how much is there.
  private static func kept(in cache: PackedWeightsCache?) -> String {
    guard let cache else { return "no" }
    let (files, size) = cache.size
    return "\(printable(cache.folder, limit: .max)), \(bytes(size)) of \(bytes(cache.limit)) "
      + "in \(files) file\(files == 1 ? "" : "s")"
  }

  /// One line for each step: its shape and algorithm, what it is expected to take, what it took.
  private static func steps(
    _ plan: Plan, measured: [(name: String, seconds: Double)]?, peak: Double?
  ) -> Table {
    let layers = Dictionary(uniqueKeysWithValues: plan.layers.map { ($0.name, $0) })
    let total = measured?.reduce(0) { $0 + $1.seconds }
    let names = Self.unique(plan.stepNames)
    var rows = names.enumerated().map { index, name in
      let layer = layers[name]
      var row = [name] + shape(layer)
      row.append(layer.map { fixed($0.predictedSeconds * 1e6, 0) } ?? "")
      if let measured, let total, let peak {
        let seconds = measured[index].seconds
        let rate = layer.map {
          2 * Double($0.convolution.weightShape.reduce(1, *) * $0.size.area)
            * Double(plan.options.batchSize) / seconds
        }
        row += [
          fixed(seconds * 1e6, 0), fixed(seconds / total * 100, 1) + " %",
          rate.map { fixed($0 * 1e-9, 0) } ?? "",
          rate.map { fixed($0 / peak * 100, 0) + " %" } ?? "",
        ]
      }
      row.append(layer.map { reasons($0.choice) } ?? "")
      return row
    }
    if let total {
      let predicted = plan.layers.reduce(0) { $0 + $1.predictedSeconds }
      rows.append(
        ["all", "", "", "", "", "", fixed(predicted * 1e6, 0), fixed(total * 1e6, 0), "", "", "", ""])
    }
    let figures = measured == nil ? [] : ["µs", "share", "GFLOP/s", "of peak"]
    return Table(
      header: ["step", "channels", "kernel", "output", "algorithm", "cut into", "predicted µs"]
        + figures + ["why not another"],
      rows: rows,
      alignment: [.left, .right, .left, .left, .left, .left, .right]
        + figures.map { _ in .right } + [.left])
  }

  /// What the chosen algorithm took, if it was timed, and why it was not another.
  private static func reasons(_ choice: AlgorithmChoice) -> String {
    let declined = choice.declined.map { "\($0): \($1)" }
    let own = choice.measuredSeconds.map {
      ["\(choice.algorithm): \(fixed($0 * 1e6, 0)) µs measured"]
    }
    return ((own ?? []) + declined).joined(separator: "; ")
  }

  private static func shape(_ layer: Plan.Layer?) -> [String] {
    guard let layer else { return Array(repeating: "", count: 5) }
    let convolution = layer.convolution
    let stride = convolution.stride > 1 ? "/\(convolution.stride)" : ""
    let groups = convolution.groups > 1 ? " in \(convolution.groups)" : ""
    return [
      "\(convolution.inputChannels)→\(convolution.outputChannels)",
      "\(convolution.side)×\(convolution.side)\(stride)\(groups)",
      "\(layer.size.height)×\(layer.size.width)", layer.choice.algorithm, layer.choice.detail,
    ]
  }

  /// The median time of every step over some runs.
  private static func profile(
    _ plan: Plan, on pool: ThreadPool
  ) throws -> [(name: String, seconds: Double)] {
    let options = plan.options
    let run = try Run(plan, on: pool)
    let input = [Float](repeating: 0.5, count: options.batchSize * 3 * options.size.area)
    let runs = input.withUnsafeBufferPointer { input in
      (0..<63).map { _ in run.profile(input) }.dropFirst(2)
    }
    let medians = plan.stepNames.indices.map { step in
      runs.map { $0[step].seconds }.sorted()[runs.count / 2]
    }
    return Self.unique(plan.stepNames).map { name in
      (name, zip(plan.stepNames, medians).reduce(0) { $1.0 == name ? $0 + $1.1 : $0 })
    }
  }

  /// The names in the order of their first turns; the first steps run image by image.
  private static func unique(_ names: [String]) -> [String] {
    var seen = Set<String>()
    return names.filter { seen.insert($0).inserted }
  }
}
