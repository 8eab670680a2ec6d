import DeepLayerAggregation

/// A measurement of one network, batch size and image size on one device.
protocol InferenceBenchmark {
  /// Measures for some seconds after a warm-up, at least five inferences per stream.
  func measure(seconds: Double) throws -> BenchmarkRow
}

/// A network on the CPU.
struct Benchmark: InferenceBenchmark {
  private let model: String
  private let plan: Plan
  /// One per stream.
  private let runs: [ExecutionContext]
  private let input: [Float]

  /// Plans a network with the weights of `source` or random ones; values do not affect the time.
  init(
    _ variant: Variant, from source: WeightsOptions.Source?, batchSize: Int, side: Int,
    configuration: Network.Configuration
  ) throws {
    model = variant.name
    let (graph, weights) = try source?.weights() ?? (variant.graph(), SyntheticWeights(variant))
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

  /// Measures for some seconds after a warm-up, at least five inferences per stream.
  ///
  /// - Throws: `RuntimeError` if the system refuses threads.
  func measure(seconds: Double) throws(RuntimeError) -> BenchmarkRow {
    let streams = try StreamTiming.measure(runs, input: input, seconds: seconds)
    let times = streams.flatMap(\.self).sorted()
    let median = times[times.count / 2]
    // The median of one stream is robust against other programs. Several streams slow each other down,
    // which is part of the result: there every inference counts.
    let inferencesPerSecond =
      streams.count == 1
      ? 1 / median : streams.reduce(0) { $0 + Double($1.count) / $1.reduce(0, +) }
    return BenchmarkRow(
      model: model, device: "cpu", batchSize: plan.options.batchSize,
      imageSize: plan.options.size.height,
      isa: plan.options.instructionSet.rawValue,
      threads: runs.count * plan.options.threads, streams: runs.count,
      bestMilliseconds: times[0] * 1000, medianMilliseconds: median * 1000,
      imagesPerSecond: Double(plan.options.batchSize) * inferencesPerSecond,
      arenaBytes: runs.count * plan.arenaBytes, runs: times.count)
  }
}

/// One row of results.
struct BenchmarkRow: Encodable {
  let model: String
  /// `cpu`, or the number and name of a GPU.
  let device: String
  /// Whether a training step was measured instead of an inference.
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
    case model, device
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
        "model", "device", "batch", "image", "precision", "isa", "threads", "streams", "best ms",
        "median ms", "images/s", "arena", "runs",
      ],
      rows: rows.map { row in
        [
          row.model, row.device, "\(row.batchSize)", "\(row.imageSize)", row.precision, row.isa,
          "\(row.threads)", "\(row.streams)", fixed(row.bestMilliseconds, 2),
          fixed(row.medianMilliseconds, 2), fixed(row.imagesPerSecond, 1), bytes(row.arenaBytes),
          "\(row.runs)",
        ]
      },
      alignment: [.left, .left, .right, .right, .left, .left] + Array(repeating: .right, count: 7))
  }
}
