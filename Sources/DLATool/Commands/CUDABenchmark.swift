import DLACore
import DeepLayerAggregation

/// A network on a GPU.
struct CUDABenchmark: InferenceBenchmark {
  private let model: String
  private let plan: CUDAPlan
  private let run: CUDAExecutionContext

  private static let warmUps = 10
  private static let minRuns = 5

  /// Plans a network with the weights of `source` or random ones; values do not affect the time.
  init(
    _ variant: Variant, from source: WeightsOptions.Source?, batchSize: Int, side: Int,
    tuning: Tuning?, on kernels: CUDAKernels
  ) throws {
    model = variant.name
    let (graph, weights) = try source?.weights() ?? (variant.graph(), SyntheticWeights(variant))
    plan = try CUDAPlan(
      graph, weights: weights,
      options: CUDAPlan.Options(batchSize: batchSize, size: SpatialSize(height: side, width: side)),
      on: kernels, tuning: tuning)
    run = try CUDAExecutionContext(plan)
    var random = KeyedRandom(key: "input/benchmark")
    let input = (0..<batchSize * graph[graph.input].channels * side * side)
      .map { _ in Float(2 * random.nextUniform()) }
    try input.withUnsafeBufferPointer { try run($0) }
  }

  func measure(seconds: Double) throws -> BenchmarkRow {
    for _ in 0..<Self.warmUps { _ = try run.secondsOnDevice() }
    var times: [Double] = []
    let start = Platform.monotonicSeconds
    while times.count < Self.minRuns || Platform.monotonicSeconds - start < seconds {
      times.append(try run.secondsOnDevice())
    }
    times.sort()
    let median = times[times.count / 2]
    let options = plan.options
    return BenchmarkRow(
      model: model, device: "\(plan.device)", batchSize: options.batchSize,
      imageSize: options.size.height,
      precision: plan.kernels.precision.rawValue, isa: "sm_\(plan.device.capability)", threads: 1,
      streams: 1, bestMilliseconds: times[0] * 1000, medianMilliseconds: median * 1000,
      imagesPerSecond: Double(options.batchSize) / median, arenaBytes: plan.arenaBytes,
      runs: times.count)
  }
}
