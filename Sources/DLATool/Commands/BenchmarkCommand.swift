import DeepLayerAggregation

/// `dla benchmark`: the speed of networks on this hardware.
enum BenchmarkCommand: Command {
  static let name = "benchmark"
  static let summary = "Measure the speed of networks."
  static let synopsis = "[OPTION...]"
  static let options =
    [
      Option("--model", "MODEL,...", "The networks, or all. Default: dla34."),
      Option("--weights", "FILE", "Weights of one network. Default: random."),
      Option("--batch-size", "N,...", "Images per batch. Default: 1,4,8."),
      ImageSizeOption.option,
      Option("--seconds", "S", "Duration of each measurement. Default: 2."),
      Option("--train", nil, "Measure a training step: forward, loss and backward."),
      Option("--profile", nil, "Also print the parts of a training step; with --train."),
      Option("--json", nil, "Print a JSON array."),
      Option("--markdown", nil, "Print a Markdown table."),
    ] + ConfigurationOptions.options + [
      Option(
        "--streams", "K",
        "CPU: batches that run concurrently, each on threads/K threads. Default: 1."
      )
    ]
  static let details = """
    Weights are random without --weights; their values do not affect the time. Each measurement follows
    a warm-up and takes at least five runs, planning excluded.

    With --streams, best and median are the latencies of single inferences while all streams are busy,
    images/s is the throughput of all streams (with one stream: batch size / median), and arena is the
    memory of all streams.

    On a GPU, times are taken by its own clock, from the images in its memory to the logits in its
    memory, without copies, with one stream.
    """

  static func run(_ arguments: Arguments) async throws -> Bool {
    guard arguments.positional.isEmpty else {
      throw UsageError("\(arguments.positional[0]) is not expected; use --model MODEL")
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
      throw UsageError("--train applies to --device cpu: training on a GPU is not supported")
    }
    for option in ["--weights", "--streams", "--tune"]
    where arguments.has("--train") && arguments.has(option) {
      throw UsageError("\(option) and --train exclude each other")
    }
    guard configuration.device == .cpu || !arguments.has("--streams") else {
      throw UsageError("--streams applies to --device cpu only")
    }
    guard !arguments.has("--profile") || arguments.has("--train") && !arguments.has("--json") else {
      throw UsageError(
        "--profile applies to --train without --json; dla info --profile measures inference")
    }
    var rows: [BenchmarkRow] = []
    var profiles: [Table] = []
    var isComplete = true
    let total = variants.count * batchSizes.count
    var number = 0
    measurements: for variant in variants {
      for batchSize in batchSizes {
        number += 1
        let progress = "\(number) of \(total): \(variant.name), batch \(batchSize)"
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
          // Tuning has replaced the line.
          Console.progress(progress)
          rows.append(try benchmark.measure(seconds: Double(seconds)))
        } catch {
          Console.endProgress()
          Console.warn(
            "\(variant.name), batch \(batchSize): \(Advice.message(error, in: Self.self))")
          isComplete = false
          // Of an unusable or lost device, every further measurement would fail as well.
          if let code = (error as? CUDAError)?.code, code != .outOfMemory { break measurements }
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
