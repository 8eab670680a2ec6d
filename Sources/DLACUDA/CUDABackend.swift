import DLABackend
import DLAGraph
import DLASystem
import DLATensor

package final class CUDABackend: Backend {
  private let graph: Graph
  private let weights: any WeightSource
  private let tuning: Tuning?
  private let kernels: CUDAKernels
  private let queue: FairQueue
  private let plans: PreparedPlans<PlanOptions, CUDAPlan, CUDAExecutionContext>

  package let streams: Int

  private static let warmUps = 10
  private static let minRuns = 5
  private static let profileRuns = 20

  /// Uses kernels that are loaded on a device; weights are read when a batch of a new shape
  /// arrives.
  ///
  /// - Throws: `RuntimeError` with `.unsuitableConfiguration` if there is no stream.
  package init(
    _ graph: Graph, _ weights: any WeightSource, on kernels: CUDAKernels, streams: Int = 1,
    tuning: Tuning? = nil
  ) throws(RuntimeError) {
    guard streams >= 1 else {
      throw RuntimeError(
        code: .unsuitableConfiguration,
        message: "\(streams) streams were requested; at least 1 is needed")
    }
    (self.graph, self.weights, self.kernels, self.streams) = (graph, weights, kernels, streams)
    self.tuning = tuning
    queue = FairQueue(count: streams)
    plans = PreparedPlans(streams: streams)
  }

  package var description: String { "\(kernels.device), \(kernels.precision.rawValue)" }
  package var device: String { "\(kernels.device)" }
  package var instructionSet: String { "sm_\(kernels.device.capability)" }
  package var threadsPerStream: Int { 1 }
  package var algorithms: [String] { kernels.choices }

  package func run(
    _ images: UnsafeBufferPointer<Float>, batchSize: Int, size: SpatialSize, returnsFeatures: Bool
  ) throws -> (logits: Tensor, levels: [Tensor]) {
    let (plan, contexts) = try plan(
      PlanOptions(batchSize: batchSize, size: size, returnsFeatures: returnsFeatures))
    return try queue.withTurn { stream in
      let run = try contexts.context(stream) { try CUDAExecutionContext(plan) }
      try run(images)
      return (run.logits, run.levels)
    }
  }

  package func describe(_ options: PlanOptions) throws -> PlanDescription {
    try plan(options).plan.description
  }

  package func profile(_ options: PlanOptions) throws -> PlanProfile {
    let (plan, contexts) = try plan(options)
    return try queue.withAllTurns {
      let run = try contexts.context(0) { try CUDAExecutionContext(plan) }
      let input = [Float](repeating: 0.5, count: plan.input.count)
      try input.withUnsafeBufferPointer { try run($0) }
      let steps = try run.profile(count: Self.profileRuns)
      let times = try (0..<Self.profileRuns).map { _ in try run.secondsOnDevice() }.sorted()
      return PlanProfile(stepSeconds: steps, wholeSeconds: times[times.count / 2])
    }
  }

  /// Measures one stream: kernels of several would share the device's clock.
  package func measure(
    _ options: PlanOptions, images: UnsafeBufferPointer<Float>, seconds: Double
  ) throws -> [[Double]] {
    let (plan, contexts) = try plan(options)
    return try queue.withAllTurns {
      let run = try contexts.context(0) { try CUDAExecutionContext(plan) }
      try run(images)
      for _ in 0..<Self.warmUps { _ = try run.secondsOnDevice() }
      var times: [Double] = []
      let start = Platform.monotonicSeconds
      while times.count < Self.minRuns || Platform.monotonicSeconds - start < seconds {
        times.append(try run.secondsOnDevice())
      }
      return [times]
    }
  }

  /// The plan for a batch shape; candidates are timed while nothing else runs on the device.
  private func plan(
    _ options: PlanOptions
  ) throws -> (
    plan: CUDAPlan, contexts: PreparedPlan<PlanOptions, CUDAPlan, CUDAExecutionContext>
  ) {
    try plans.plan(options) { isNested in
      // A plan that is made within a callback of another one is not timed: no callback, no
      // recursion.
      try CUDAPlan(
        graph, weights: weights, options: options, on: kernels, tuning: isNested ? nil : tuning,
        streams: queue)
    }
  }
}
