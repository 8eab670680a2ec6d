import DeepLayerAggregation

/// How the engine uses the machine: the same options wherever it runs.
enum EngineOptions {
  /// For commands whose layers are not timed.
  static let withoutTuning = [
    Option("--threads", "N", "Threads to use. Default: all processors."),
    Option(
      "--isa", InstructionSet.allCases.map(\.rawValue).joined(separator: "|"),
      "Vector instructions to use. Default: the best this machine has."),
  ]

  static let options =
    withoutTuning + [
      Option(
        "--tune", "on|off",
        "Time the likely algorithms of each layer, use the fastest, keep the times. Default: off.")
    ]

  /// For commands with many batches to run.
  static let streams = Option(
    "--streams", "K",
    "Batches that run at the same time, each on threads/K threads, rounded down. Default: 1.")

  /// What help texts say about the one thing that is no option.
  static let cacheNote = """
    What the engine makes of weights is kept, if it is 4 MB or more, and the next start finds it:
    in the folder that the environment variable DLA_CACHE names, otherwise in the user's caches
    (dla info shows where), at most 4 GB. DLA_CACHE=off keeps and finds nothing. What --tune on
    measures is kept in the same place.
    """

  static func engine(_ arguments: Arguments) throws -> Network.Engine {
    var engine = Network.Engine(
      threads: try arguments.integer("--threads", in: 1...1024), cache: .user)
    if let streams = try arguments.integer("--streams", in: 1...1024) {
      guard streams <= engine.threads else {
        throw UsageError(
          "--streams is \(streams); every stream needs one of the \(engine.threads) threads, "
            + "see --threads")
      }
      engine.streams = streams
    }
    if let name = try arguments.choice("--isa", of: InstructionSet.allCases.map(\.rawValue)),
      let instructionSet = InstructionSet(rawValue: name)
    {
      guard InstructionSet.available.contains(instructionSet) else {
        throw UsageError(
          "--isa is \(name), which this processor lacks; it has "
            + InstructionSet.available.map(\.rawValue).joined(separator: ", "))
      }
      engine.instructionSet = instructionSet
    }
    if try arguments.choice("--tune", of: ["on", "off"]) == "on" {
      engine.tuning = Tuning(cache: .user, progress: show)
    }
    return engine
  }

  private static func show(_ progress: Tuning.Progress) {
    switch progress {
    case .timing(let layer, let layers): Console.progress("tuning \(layer) of \(layers) layers")
    case .finished: Console.endProgress()
    }
  }
}
