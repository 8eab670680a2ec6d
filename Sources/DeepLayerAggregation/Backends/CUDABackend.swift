import DLABackend
import DLACUDA
import DLAGraph
import DLASystem
import DLATensor

/// Runs a network on a GPU.
final class CUDABackend: Backend {
  private let graph: Graph
  private let weights: any WeightSource
  private let configuration: Network.Configuration
  private let kernels: CUDAKernels
  private let streams: FairQueue
  private let plans: PreparedPlans<CUDAPlan.Options, CUDAPlan, CUDAExecutionContext>

  /// - Throws: `CUDAError` if the GPU can't be used; `RuntimeError` with `.unsuitableConfiguration`.
  init(
    _ graph: Graph, _ weights: any WeightSource, _ configuration: Network.Configuration
  ) throws {
    guard configuration.streams >= 1 else {
      throw RuntimeError(
        code: .unsuitableConfiguration,
        message: "\(configuration.streams) streams were asked for; there must be at least 1")
    }
    guard let kernels = try configuration.kernels() else {
      preconditionFailure("\(configuration.device) is no GPU")
    }
    self.kernels = kernels
    streams = FairQueue(count: configuration.streams)
    plans = PreparedPlans(streams: configuration.streams)
    self.graph = graph
    self.weights = weights
    self.configuration = configuration
  }

  var description: String { "\(kernels.device), \(configuration.precision.rawValue)" }

  func run(
    _ images: UnsafeBufferPointer<Float>, batchSize: Int, size: SpatialSize, returnsFeatures: Bool
  ) throws -> (logits: Tensor, levels: [Tensor]) {
    let options = CUDAPlan.Options(
      batchSize: batchSize, size: size, returnsFeatures: returnsFeatures)
    let (plan, runs) = try plans.plan(options) { try makePlan(options) }
    return try streams.withTurn { stream in
      let run = try runs.run(stream) { try CUDAExecutionContext(plan) }
      try run(images)
      return (run.logits, run.levels)
    }
  }

  /// Makes a plan; if its layers are to be timed, while nothing else runs.
  private func makePlan(_ options: CUDAPlan.Options) throws -> CUDAPlan {
    guard let tuning = configuration.tuning else {
      return try CUDAPlan(graph, weights: weights, options: options, on: kernels)
    }
    return try streams.withAllTurns {
      try CUDAPlan(graph, weights: weights, options: options, on: kernels, tuning: tuning)
    }
  }
}
