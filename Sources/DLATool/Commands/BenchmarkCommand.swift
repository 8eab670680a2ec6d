import DeepLayerAggregation

/// `dla benchmark`: how long networks take on this machine.
enum BenchmarkCommand: Command {
  static let name = "benchmark"
  static let summary = "Measure how long networks take on this machine."
  static let synopsis = "[OPTION...]"
  static let options =
    [
      Option("--model", "NAME,...|all", "The networks. Default: dla34."),
      Option("--weights", "FILE", "Weights of one network. Default: made up."),
      Option("--batch-size", "N,...", "Images of a batch. Default: 1,4,8."),
      ImageSizeOption.option,
      Option("--seconds", "S", "How long to measure each. Default: 2."),
      Option("--train", nil, "Measure a step of training: forward, loss and backward."),
      Option("--profile", nil, "Also show what a step of training consists of; with --train."),
      Option("--json", nil, "Print a JSON array."),
      Option("--markdown", nil, "Print a Markdown table."),
    ] + ConfigurationOptions.options + [
      Option(
        "--streams", "K",
        "Batches that run at the same time, each on threads/K threads; on the processor. Default: 1."
      )
    ]
  static let details = """
    Weights are made up unless --weights names a file; their values do not change the time. Each
    figure is measured after a warm-up, for at least five runs; making the plan is not part of it.

    With --streams, best and median are those of single inferences while all streams are busy,
    images/s is what the streams do together (with one stream: the batch size over the median), and
    the arena is that of all streams.

    On a GPU a run begins with the images in its memory and ends with the scores there, as its own
    clock has it: copies are not part of it, and there is one stream.
    """

  static func run(_ arguments: Arguments) async throws -> Bool {
    guard arguments.positional.isEmpty else {
      throw UsageError("\(arguments.positional[0]) is not expected; use --model NAME")
    }
    let source = try arguments["--weights"].map { _ in try WeightsOptions.source(arguments) } ?? nil
    let variants = try source.map { [$0.variant] } ?? variants(arguments["--model"] ?? "dla34")
    let batchSizes = try arguments.integers("--batch-size", in: 1...4096) ?? [1, 4, 8]
    let side = try ImageSizeOption.side(arguments)
    let seconds = try arguments.numbers("--seconds", count: 1)?[0] ?? 2
    guard (0...86_400).contains(seconds) else {
      throw UsageError("--seconds is \(seconds); 0 to 86400 is expected")
    }
    guard !arguments.has("--json") || !arguments.has("--markdown") else {
      throw UsageError("--json and --markdown exclude each other")
    }
    let configuration = try ConfigurationOptions.configuration(arguments)
    guard configuration.device == .cpu || !arguments.has("--train") else {
      throw UsageError("--train is for --device cpu: training does not run on a GPU yet")
    }
    for option in ["--weights", "--streams", "--tune"]
    where arguments.has("--train") && arguments.has(option) {
      throw UsageError("\(option) is for inference; leave it or --train out")
    }
    guard configuration.device == .cpu || !arguments.has("--streams") else {
      throw UsageError("--streams is for --device cpu; leave it out")
    }
    guard !arguments.has("--profile") || arguments.has("--train") && !arguments.has("--json") else {
      throw UsageError(
        "--profile is for --train without --json; dla info --profile measures inference")
    }
    var rows: [BenchmarkRow] = []
    var profiles: [Table] = []
    var isComplete = true
    let total = variants.count * batchSizes.count
    var turn = 0
    for variant in variants {
      for batchSize in batchSizes {
        turn += 1
        let progress = "\(turn) of \(total): \(variant.name), batch \(batchSize)"
        Console.progress(progress)
        do {
          guard !arguments.has("--train") else {
            let benchmark = try TrainingBenchmark(
              variant, batchSize: batchSize, side: side, configuration: configuration)
            rows.append(benchmark.measure(seconds: Double(seconds)))
            if arguments.has("--profile") { profiles.append(benchmark.profile()) }
            continue
          }
          let benchmark = try Benchmark(
            variant, from: source, batchSize: batchSize, side: side, configuration: configuration)
          // Tuning shows lines of its own meanwhile.
          Console.progress(progress)
          rows.append(try benchmark.measure(seconds: Double(seconds)))
        } catch {
          Console.endProgress()
          Console.warn("\(variant.name), batch \(batchSize): \(error)")
          isComplete = false
        }
      }
    }
    Console.endProgress()
    if arguments.has("--json") {
      try Console.print(JSON.array(rows))
    } else {
      let tables = [BenchmarkRow.table(rows)] + profiles
      let isMarkdown = arguments.has("--markdown")
      try Console.print(
        tables.map { isMarkdown ? $0.markdown : $0.description }.joined(separator: "\n\n"))
    }
    return isComplete
  }

  private static func variants(_ list: String) throws -> [Variant] {
    guard list.lowercased() != "all" else { return Variant.all }
    return try Arguments.parts(list).map(Variant.named)
  }
}
