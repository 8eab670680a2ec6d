import DeepLayerAggregation

/// One network, batch size and image size to be timed.
struct Benchmark {
  private let variant: Variant
  private let plan: Plan
  private let run: Run
  private let input: [Float]

  init(_ variant: Variant, batchSize: Int, side: Int, engine: Network.Engine) throws {
    self.variant = variant
    let pool = ThreadPool(count: engine.threads)
    plan = try Plan(
      variant.graph(), weights: SyntheticWeights(variant),
      options: Plan.Options(
        batchSize: batchSize, size: Size(height: side, width: side),
        instructionSet: engine.instructionSet, threads: pool.count))
    run = try Run(plan, on: pool)
    var random = KeyedRandom(key: "input/benchmark")
    input = (0..<batchSize * 3 * side * side).map { _ in Float(2 * random.nextUniform()) }
  }

  /// Times runs for some seconds after a warm-up, five at least.
  func measure(seconds: Double, precision: String) -> BenchmarkRow {
    let clock = ContinuousClock()
    func once() -> Double { clock.measure { input.withUnsafeBufferPointer { run($0) } }.seconds }
    for _ in 0..<3 { _ = once() }
    var times: [Double] = []
    let start = clock.now
    while times.count < 5 || (clock.now - start).seconds < seconds { times.append(once()) }
    times.sort()
    let median = times[times.count / 2]
    return BenchmarkRow(
      model: variant.name, batchSize: plan.options.batchSize, imageSize: plan.options.size.height,
      precision: precision, isa: plan.options.instructionSet.rawValue,
      threads: plan.options.threads, bestMilliseconds: times[0] * 1000,
      medianMilliseconds: median * 1000,
      imagesPerSecond: Double(plan.options.batchSize) / median, arenaBytes: plan.arenaBytes,
      runs: times.count)
  }
}

extension Duration {
  /// The duration as a number.
  var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}

/// One line of results.
struct BenchmarkRow: Encodable {
  let model: String
  let batchSize: Int
  let imageSize: Int
  let precision: String
  let isa: String
  let threads: Int
  let bestMilliseconds: Double
  let medianMilliseconds: Double
  let imagesPerSecond: Double
  let arenaBytes: Int
  let runs: Int

  private enum CodingKeys: String, CodingKey {
    case model
    case batchSize = "batch_size"
    case imageSize = "image_size"
    case precision, isa, threads
    case bestMilliseconds = "best_ms"
    case medianMilliseconds = "median_ms"
    case imagesPerSecond = "images_per_second"
    case arenaBytes = "arena_bytes"
    case runs
  }

  static func table(_ rows: [BenchmarkRow]) -> Table {
    Table(
      header: [
        "model", "batch", "image", "precision", "isa", "threads", "best ms", "median ms",
        "images/s", "arena", "runs",
      ],
      rows: rows.map { row in
        [
          row.model, "\(row.batchSize)", "\(row.imageSize)", row.precision, row.isa,
          "\(row.threads)", fixed(row.bestMilliseconds, 2), fixed(row.medianMilliseconds, 2),
          fixed(row.imagesPerSecond, 1), bytes(row.arenaBytes), "\(row.runs)",
        ]
      },
      alignment: [.left, .right, .right, .left, .left] + Array(repeating: .right, count: 6))
  }
}
