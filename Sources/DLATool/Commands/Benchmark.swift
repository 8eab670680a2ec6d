import DLACore
import DLARuntime
import DeepLayerAggregation

/// What is timed: one network, batch size and image size, on one device.
protocol InferenceBenchmark {
  /// Times runs for some seconds after a warm-up, five of each stream at least.
  func measure(seconds: Double) throws -> BenchmarkRow
}

/// A network on the processor.
struct Benchmark: InferenceBenchmark {
  private let model: String
  private let plan: Plan
  /// One for each stream.
  private let runs: [ExecutionContext]
  private let input: [Float]

  /// Plans a network with the weights of `source`, or with made-up ones, which take the same time.
  init(
    _ variant: Variant, from source: CheckpointModel?, batchSize: Int, side: Int,
    configuration: Network.Configuration
  ) throws {
    model = variant.name
    let graph = source?.graph ?? variant.graph()
    let weights: any WeightSource = try source?.weights() ?? SyntheticWeights(variant)
    let pool = try StreamPool(configuration)
    let plan = try Plan(
      graph, weights: weights,
      options: Plan.Options(
        batchSize: batchSize, size: SpatialSize(height: side, width: side),
        instructionSet: configuration.instructionSet, threads: pool.threadsPerStream),
      tuner: configuration.tuning.map { Tuner($0, timer: PoolTimer(pool.streams[0].threads)) })
    runs = try pool.streams.map { try ExecutionContext(plan, on: $0.threads) }
    self.plan = plan
    var random = KeyedRandom(key: "input/benchmark")
    input = (0..<batchSize * graph[graph.input].channels * side * side)
      .map { _ in Float(2 * random.nextUniform()) }
  }

  /// Times runs for some seconds after a warm-up, five of each stream at least.
  ///
  /// - Throws: `RuntimeError` if the system refuses threads.
  func measure(seconds: Double) throws(RuntimeError) -> BenchmarkRow {
    let streams = try StreamTiming.measure(runs, input: input, seconds: seconds)
    let times = streams.flatMap(\.self).sorted()
    let median = times[times.count / 2]
    // What one stream does follows from its median, which other programs disturb least. Streams that
    // disturb each other are part of what is measured: there every inference counts.
    let inferencesPerSecond =
      streams.count == 1
      ? 1 / median : streams.reduce(0) { $0 + Double($1.count) / $1.reduce(0, +) }
    return BenchmarkRow(
      model: model, batchSize: plan.options.batchSize, imageSize: plan.options.size.height,
      isa: plan.options.instructionSet.rawValue,
      threads: runs.count * plan.options.threads, streams: runs.count,
      bestMilliseconds: times[0] * 1000, medianMilliseconds: median * 1000,
      imagesPerSecond: Double(plan.options.batchSize) * inferencesPerSecond,
      arenaBytes: runs.count * plan.arenaBytes, runs: times.count)
  }
}

/// One line of results.
struct BenchmarkRow: Encodable {
  let model: String
  /// Whether a step of training was timed, and not inference.
  var isTraining = false
  let batchSize: Int
  let imageSize: Int
  var precision = Precision.fp32.rawValue
  let isa: String
  let threads: Int
  let streams: Int
  let bestMilliseconds: Double
  let medianMilliseconds: Double
  let imagesPerSecond: Double
  let arenaBytes: Int
  let runs: Int

  private enum CodingKeys: String, CodingKey {
    case model
    case isTraining = "training"
    case batchSize = "batch_size"
    case imageSize = "image_size"
    case precision, isa, threads, streams
    case bestMilliseconds = "best_ms"
    case medianMilliseconds = "median_ms"
    case imagesPerSecond = "images_per_second"
    case arenaBytes = "arena_bytes"
    case runs
  }

  static func table(_ rows: [BenchmarkRow]) -> Table {
    Table(
      header: [
        "model", "batch", "image", "precision", "isa", "threads", "streams", "best ms",
        "median ms", "images/s", "arena", "runs",
      ],
      rows: rows.map { row in
        [
          row.model, "\(row.batchSize)", "\(row.imageSize)", row.precision, row.isa,
          "\(row.threads)", "\(row.streams)", fixed(row.bestMilliseconds, 2),
          fixed(row.medianMilliseconds, 2), fixed(row.imagesPerSecond, 1), bytes(row.arenaBytes),
          "\(row.runs)",
        ]
      },
      alignment: [.left, .right, .right, .left, .left] + Array(repeating: .right, count: 7))
  }
}
