import DLACUDA
import DLACore
import DLARuntime

/// Runs a network on a GPU.
final class CUDABackend: Backend {
  private let graph: Graph
  private let weights: any WeightSource
  private let engine: Network.Engine
  private let kernels: CUDAKernels
  private let streams: TurnQueue
  private let plans: PreparedPlans<CUDAPlan.Options, CUDAPlan, CUDARun>

  /// - Throws: `CUDAError` if the GPU can't be used; `RuntimeError` with `.unsuitableEngine`.
  init(
    _ graph: Graph, _ weights: any WeightSource, _ engine: Network.Engine
  ) throws {
    guard engine.streams >= 1 else {
      throw RuntimeError(
        code: .unsuitableEngine,
        message: "\(engine.streams) streams were asked for; there must be at least 1")
    }
    guard let kernels = try engine.kernels() else {
      preconditionFailure("\(engine.device) is no GPU")
    }
    self.kernels = kernels
    streams = TurnQueue(count: engine.streams)
    plans = PreparedPlans(streams: engine.streams)
    self.graph = graph
    self.weights = weights
    self.engine = engine
  }

  var description: String { "\(kernels.device), \(engine.precision.rawValue)" }

  func run(
    _ images: UnsafeBufferPointer<Float>, batchSize: Int, size: Size, keepsLevels: Bool
  ) throws -> (logits: Tensor, levels: [Tensor]) {
    let options = CUDAPlan.Options(
      batchSize: batchSize, size: size, keepsLevels: keepsLevels)
    let (plan, runs) = try plans.plan(options) { try makePlan(options) }
    return try streams.withTurn { stream in
      let run = try runs.run(stream) { try CUDARun(plan) }
      try run(images)
      return (run.logits, run.levels)
    }
  }

  /// Makes a plan; if its layers are to be timed, while nothing else runs.
  private func makePlan(_ options: CUDAPlan.Options) throws -> CUDAPlan {
    guard let tuning = engine.tuning else {
      return try CUDAPlan(graph, weights: weights, options: options, on: kernels)
    }
    return try streams.withAllTurns {
      try CUDAPlan(graph, weights: weights, options: options, on: kernels, tuning: tuning)
    }
  }
}
