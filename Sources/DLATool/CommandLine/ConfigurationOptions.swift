import DeepLayerAggregation

/// How the engine uses the machine: the same options wherever it runs.
enum ConfigurationOptions {
  /// For training, which the processor does.
  static let forTraining = [
    Option("--threads", "N", "Threads to use. Default: all processors."),
    Option(
      "--isa", InstructionSet.allCases.map(\.rawValue).joined(separator: "|"),
      "Vector instructions to use. Default: the best this machine has."),
  ]

  static let options =
    [
      Option(
        "--device", "cpu|cuda[:N]",
        "What computes: the processor, or a GPU without --threads and --isa. Default: cpu."),
      Option(
        "--precision", Precision.allCases.map(\.rawValue).joined(separator: "|"),
        "What it computes with; the processor with fp32. Default: fp32."),
    ] + forTraining + [
      Option(
        "--tune", "on|off",
        "Time the likely algorithms of each layer, use the fastest, keep the times. Default: off, "
          + "on a GPU on.")
    ]

  /// For commands with many batches to run.
  static let streams = Option(
    "--streams", "K",
    "Batches that run at the same time, each on threads/K threads, rounded down. Default: 1, on a GPU "
      + "2.")

  /// What help texts say about the one thing that is no option.
  static let cacheNote = """
    What the configuration makes of weights is kept, if it is 4 MB or more, and the next start finds it:
    in the folder that the environment variable DLA_CACHE names, otherwise in the user's caches
    (dla info shows where), at most 4 GB. DLA_CACHE=off keeps and finds nothing. What --tune on
    measures is kept in the same place.
    """

  static func configuration(_ arguments: Arguments) throws -> Network.Configuration {
    var configuration = Network.Configuration(
      threads: try arguments.integer("--threads", in: 1...1024), cache: .user)
    try chooseDevice(&configuration, arguments)
    if let streams = try arguments.integer("--streams", in: 1...1024) {
      guard streams <= configuration.threads || configuration.device != .cpu else {
        throw UsageError(
          "--streams is \(streams); every stream needs one of the \(configuration.threads) threads, "
            + "see --threads")
      }
      configuration.streams = streams
    }
    if let name = try arguments.choice("--isa", of: InstructionSet.allCases.map(\.rawValue)),
      let instructionSet = InstructionSet(rawValue: name)
    {
      guard InstructionSet.available.contains(instructionSet) else {
        throw UsageError(
          "--isa is \(name), which this processor lacks; it has "
            + InstructionSet.available.map(\.rawValue).joined(separator: ", "))
      }
      configuration.instructionSet = instructionSet
    }
    let tunes = try arguments.choice("--tune", of: ["on", "off"])
    if tunes == "on" || tunes == nil && configuration.device != .cpu {
      configuration.tuning = Tuning(cache: .user, progress: show)
    }
    return configuration
  }

  /// Reads what computes and with what.
  private static func chooseDevice(
    _ configuration: inout Network.Configuration, _ arguments: Arguments
  ) throws {
    if let name = arguments["--device"] {
      guard let device = Device(name) else {
        throw UsageError("--device is \(name); expected cpu, cuda or cuda:N")
      }
      configuration.device = device
    }
    if let name = try arguments.choice("--precision", of: Precision.allCases.map(\.rawValue)),
      let precision = Precision(rawValue: name)
    {
      configuration.precision = precision
    }
    guard configuration.device != .cpu else {
      guard configuration.precision == .fp32 else {
        throw UsageError(
          "--precision is \(configuration.precision.rawValue), the processor computes with fp32; use "
            + "--device cuda")
      }
      return
    }
    for option in ["--isa", "--threads"] where arguments.has(option) {
      throw UsageError("\(option) is for --device cpu; leave it out")
    }
    // One batch is copied while another is computed.
    configuration.streams = 2
  }

  private static func show(_ progress: Tuning.Progress) {
    switch progress {
    case .timing(let layer, let layers): Console.progress("tuning \(layer) of \(layers) layers")
    case .finished: Console.endProgress()
    }
  }
}
