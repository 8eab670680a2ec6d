import DLABackend
import DLACPU
import DLAGraph
import DLATensor

/// Runs a network on the processor's threads.
final class ProcessorBackend: Backend {
  private let graph: Graph
  private let weights: any WeightSource
  private let configuration: Network.Configuration
  private let streams: StreamPool
  private let plans: PreparedPlans<Plan.Options, Plan, ExecutionContext>

  /// - Throws: `RuntimeError` with `.unsuitableConfiguration`.
  init(
    _ graph: Graph, _ weights: any WeightSource, _ configuration: Network.Configuration
  ) throws(RuntimeError) {
    guard configuration.precision == .fp32 else {
      throw RuntimeError(
        code: .unsuitableConfiguration,
        message:
          "the processor computes with fp32, \(configuration.precision.rawValue) was asked for; "
          + "that needs a GPU (cuda)")
    }
    streams = try StreamPool(configuration)
    plans = PreparedPlans(streams: streams.streams.count)
    self.graph = graph
    self.weights = weights
    self.configuration = configuration
  }

  var description: String { configuration.instructionSet.rawValue }

  func run(
    _ images: UnsafeBufferPointer<Float>, batchSize: Int, size: SpatialSize, returnsFeatures: Bool
  ) throws -> (logits: Tensor, levels: [Tensor]) {
    let options = Plan.Options(
      batchSize: batchSize, size: size, instructionSet: configuration.instructionSet,
      threads: streams.threadsPerStream, returnsFeatures: returnsFeatures)
    // Before a stream is taken: calls that wait for the plan must not hold up those with another.
    let (plan, runs) = try plans.plan(options) { try makePlan(options) }
    return try streams.withStream { stream in
      let run = try runs.run(stream.index) { try ExecutionContext(plan, on: stream.threads) }
      run(images)
      return (run.logits, returnsFeatures ? run.levels : [])
    }
  }

  /// Makes a plan; if its layers are to be timed, while no run disturbs the threads of one stream.
  private func makePlan(_ options: Plan.Options) throws -> Plan {
    guard let tuning = configuration.tuning else {
      return try Plan(graph, weights: weights, options: options, cache: configuration.cache)
    }
    return try streams.withStream { stream in
      try Plan(
        graph, weights: weights, options: options, cache: configuration.cache,
        tuner: Tuner(tuning, timer: PoolTimer(stream.threads)))
    }
  }
}
