import DLACUDA
import DLACore
import DLARuntime

/// Runs a network on a GPU.
final class CUDABackend: Backend {
  private let graph: Graph
  private let weights: any WeightSource
  private let engine: Network.Engine
  private let device: CUDADevice
  private let streams: TurnQueue
  private let plans: PreparedPlans<CUDAPlan.Options, CUDAPlan, CUDARun>

  /// - Throws: `CUDAError` if the GPU can't be used; `RuntimeError` with `.unsuitableEngine`.
  init(
    _ graph: Graph, _ weights: any WeightSource, _ engine: Network.Engine, number: Int
  ) throws {
    guard engine.streams >= 1 else {
      throw RuntimeError(
        code: .unsuitableEngine,
        message: "\(engine.streams) streams were asked for; there must be at least 1")
    }
    device = try CUDADevice(number, of: CUDALibraries())
    streams = TurnQueue(count: engine.streams)
    plans = PreparedPlans(streams: engine.streams)
    self.graph = graph
    self.weights = weights
    self.engine = engine
  }

  var description: String { "\(device), \(engine.precision.rawValue)" }

  func run(
    _ images: UnsafeBufferPointer<Float>, batchSize: Int, size: Size, keepsLevels: Bool
  ) throws -> (logits: Tensor, levels: [Tensor]) {
    let options = CUDAPlan.Options(
      batchSize: batchSize, size: size, precision: engine.precision, keepsLevels: keepsLevels)
    let (plan, runs) = try plans.plan(options) {
      try CUDAPlan(
        graph, weights: weights, options: options, on: device,
        cache: engine.cache.map(KernelCache.init), tuning: engine.tuning.map(CUDATuning.init))
    }
    return try streams.withTurn { stream in
      let run = try runs.run(stream) { try CUDARun(plan) }
      try run(images)
      return (run.logits, run.levels)
    }
  }
}

extension KernelCache {
  /// Beside the weights that the processor's plans pack.
  package init(_ cache: PackedWeightsCache) { self.init(folder: cache.folder) }
}

extension CUDATuning {
  /// The same wishes, for a GPU.
  package init(_ tuning: Tuning) {
    self.init(
      cache: tuning.cache.map { CUDATimings.Cache(folder: $0.folder) },
      progress: { tuning.progress?(.timing(layer: $0, layers: $1)) },
      finished: { tuning.progress?(.finished) })
  }
}
