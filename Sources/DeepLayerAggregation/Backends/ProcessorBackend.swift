import DLACore
import DLARuntime

/// Runs a network on the processor's threads.
final class ProcessorBackend: Backend {
  private let graph: Graph
  private let weights: any WeightSource
  private let engine: Network.Engine
  private let streams: StreamPool
  private let plans: PreparedPlans<Plan.Options, Plan, Run>

  /// - Throws: `RuntimeError` with `.unsuitableEngine`.
  init(
    _ graph: Graph, _ weights: any WeightSource, _ engine: Network.Engine
  ) throws(RuntimeError) {
    guard engine.precision == .fp32 else {
      throw RuntimeError(
        code: .unsuitableEngine,
        message: "the processor computes with fp32, \(engine.precision.rawValue) was asked for; "
          + "that needs a GPU (cuda)")
    }
    streams = try StreamPool(engine)
    plans = PreparedPlans(streams: streams.streams.count)
    self.graph = graph
    self.weights = weights
    self.engine = engine
  }

  var description: String { engine.instructionSet.rawValue }

  func run(
    _ images: UnsafeBufferPointer<Float>, batchSize: Int, size: Size, keepsLevels: Bool
  ) throws -> (logits: Tensor, levels: [Tensor]) {
    let options = Plan.Options(
      batchSize: batchSize, size: size, instructionSet: engine.instructionSet,
      threads: streams.threadsPerStream, keepsLevels: keepsLevels)
    // Before a stream is taken: calls that wait for the plan must not hold up those with another.
    let (plan, runs) = try plans.plan(options) { try makePlan(options) }
    return try streams.withStream { stream in
      let run = try runs.run(stream.index) { try Run(plan, on: stream.threads) }
      run(images)
      return (run.logits, keepsLevels ? run.levels : [])
    }
  }

  /// Makes a plan; if its layers are to be timed, while no run disturbs the threads of one stream.
  private func makePlan(_ options: Plan.Options) throws -> Plan {
    guard let tuning = engine.tuning else {
      return try Plan(graph, weights: weights, options: options, cache: engine.cache)
    }
    return try streams.withStream { stream in
      try Plan(
        graph, weights: weights, options: options, cache: engine.cache,
        tuner: Tuner(tuning, timer: PoolTimer(stream.threads)))
    }
  }
}
