import DeepLayerAggregation

/// The options that select hardware, threads and precision, shared by all commands that run networks.
enum ConfigurationOptions {
  /// For training, which runs on the CPU only.
  static let forTraining = [
    Option("--threads", "N", "Number of threads. Default: one per processor."),
    Option(
      "--isa", InstructionSet.allCases.map(\.rawValue).joined(separator: "|"),
      "Vector instruction set. Default: the widest that the processor has."),
  ]

  static let options =
    [
      Option(
        "--device", "cpu|cuda[:N]",
        "Device to run on; --threads and --isa apply to the CPU only. Default: cpu."),
      Option(
        "--precision", Precision.allCases.map(\.rawValue).joined(separator: "|"),
        "Arithmetic on a GPU; the CPU computes in fp32. Default: fp32."),
    ] + forTraining + [
      Option(
        "--tune", "on|off",
        "Measure candidate algorithms of each layer, use the fastest and cache the results. "
          + "Default: on for a GPU, else off.")
    ]

  /// For commands that run many batches.
  static let streams = Option(
    "--streams", "K",
    "Batches that run concurrently, each on threads/K threads. Default: 1 on the CPU, 2 on a GPU.")

  /// The paragraph on caching in help texts.
  static let cacheNote = """
    Packed weights of 4 MB or more and the results of --tune on are cached for the next run, at most
    4 GB, in the folder that DLA_CACHE names or in the user's cache folder (shown by dla info).
    DLA_CACHE=off disables the cache.
    """

  static func configuration(_ arguments: Arguments) throws -> Network.Configuration {
    var configuration = Network.Configuration(
      threads: try arguments.integer("--threads", in: 1...1024), cache: .user)
    try chooseDevice(&configuration, arguments)
    if let streams = try arguments.integer("--streams", in: 1...1024) {
      guard streams <= configuration.threads || configuration.device != .cpu else {
        throw UsageError(
          "--streams is \(streams); at most one per thread is expected, \(configuration.threads) with "
            + "this --threads")
      }
      configuration.streams = streams
    }
    if let name = try arguments.choice("--isa", of: InstructionSet.allCases.map(\.rawValue)),
      let instructionSet = InstructionSet(rawValue: name)
    {
      guard InstructionSet.available.contains(instructionSet) else {
        throw UsageError(
          "--isa is \(name), which this processor does not support; it supports "
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

  /// Reads device and precision.
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
          "--precision is \(configuration.precision.rawValue), the CPU computes in fp32 only; use "
            + "--device cuda")
      }
      return
    }
    for option in ["--isa", "--threads"] where arguments.has(option) {
      throw UsageError("\(option) applies to --device cpu only")
    }
    // One batch is copied while another one is computed.
    configuration.streams = 2
  }

  private static func show(_ progress: Tuning.Progress) {
    switch progress {
    case .timing(let layer, let layers): Console.progress("tuning \(layer) of \(layers) layers")
    case .finished: Console.endProgress()
    }
  }
}
