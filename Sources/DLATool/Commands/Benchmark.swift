import DLABackend
import DLAGraph
import DLATensor
import DLAText
import DeepLayerAggregation

/// A measurement of one network, batch size and image size on one device.
struct Benchmark {
  private let model: String
  private let backend: any Backend
  private let precision: Precision
  private let plan: PlanDescription
  private let input: [Float]

  /// Plans a network with the weights of `source` or random ones; values do not affect the time.
  init(
    _ variant: Variant, from source: CheckpointModel?, batchSize: Int, side: Int,
    configuration: Network.Configuration
  ) throws {
    model = variant.name
    precision = configuration.precision
    let graph = source?.graph ?? variant.graph()
    let weights: any WeightSource = try source?.weights() ?? SyntheticWeights(variant)
    backend = try configuration.backend(graph, weights)
    plan = try backend.describe(
      PlanOptions(batchSize: batchSize, size: SpatialSize(height: side, width: side)))
    var random = KeyedRandom(key: "input/benchmark")
    input = (0..<batchSize * graph[graph.input].channels * side * side)
      .map { _ in Float(2 * random.nextUniform()) }
  }

  /// Measures for some seconds after a warm-up, at least five inferences per stream.
  ///
  /// - Throws: `RuntimeError` if the system refuses threads; `CUDAError` if a GPU fails.
  func measure(seconds: Double) throws -> BenchmarkRow {
    let streams = try input.withUnsafeBufferPointer {
      try backend.measure(plan.options, images: $0, seconds: seconds)
    }
    let times = streams.flatMap(\.self).sorted()
    let median = times[times.count / 2]
    // The median of one stream is robust against other programs. Several streams slow each other down,
    // which is part of the result: there every inference counts.
    let inferencesPerSecond =
      streams.count == 1
      ? 1 / median : streams.reduce(0) { $0 + Double($1.count) / $1.reduce(0, +) }
    return BenchmarkRow(
      model: model, device: backend.device, batchSize: plan.options.batchSize,
      imageSize: plan.options.size.height,
      precision: precision.rawValue, isa: backend.instructionSet,
      threads: streams.count * backend.threadsPerStream, streams: streams.count,
      bestMilliseconds: times[0] * 1000, medianMilliseconds: median * 1000,
      imagesPerSecond: Double(plan.options.batchSize) * inferencesPerSecond,
      arenaBytes: streams.count * plan.arenaBytes, runs: times.count)
  }
}

struct BenchmarkRow: Encodable {
  let model: String
  /// `cpu`, or the number and name of a GPU.
  let device: String
  /// True if a training step was measured instead of an inference.
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
