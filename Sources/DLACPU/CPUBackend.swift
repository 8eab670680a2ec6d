import DLABackend
import DLAGraph
import DLASystem
import DLATensor

package final class CPUBackend: Backend {
  package struct Configuration: Sendable {
    /// Threads of all streams together.
    package var threads: Int
    /// Batches that run at the same time, each on its share of the threads.
    package var streams: Int
    /// The vector instructions to use.
    package var instructionSet: InstructionSet
    /// The folder that packed weights are stored in; nil to store none.
    package var cache: CacheFolder?
    /// Requests that algorithms are chosen by timing; nil to choose by prediction.
    package var tuning: Tuning?

    package init(
      threads: Int, streams: Int = 1, instructionSet: InstructionSet = .best,
      cache: CacheFolder? = nil, tuning: Tuning? = nil
    ) {
      (self.threads, self.streams, self.instructionSet) = (threads, streams, instructionSet)
      (self.cache, self.tuning) = (cache, tuning)
    }
  }

  private let graph: Graph
  private let weights: any WeightSource
  private let configuration: Configuration
  private let pool: StreamPool
  private let plans: PreparedPlans<Plan.Options, Plan, ExecutionContext>

  /// Starts the threads; weights are read when a batch of a new shape arrives.
  ///
  /// - Throws: `RuntimeError` with `.unsuitableConfiguration` if there is no thread or stream, or
  ///   if streams outnumber threads.
  package init(
    _ graph: Graph, _ weights: any WeightSource, _ configuration: Configuration
  ) throws(RuntimeError) {
    guard configuration.threads >= 1 else {
      throw RuntimeError(
        code: .unsuitableConfiguration,
        message: "\(configuration.threads) threads were requested; at least 1 is needed")
    }
    guard (1...configuration.threads).contains(configuration.streams) else {
      throw RuntimeError(
        code: .unsuitableConfiguration,
        message:
          "\(configuration.streams) streams on \(configuration.threads) threads were requested; every "
          + "stream needs a thread, so 1 to \(configuration.threads) are possible")
    }
    pool = StreamPool(count: configuration.streams, threads: configuration.threads)
    plans = PreparedPlans(streams: pool.streams.count)
    (self.graph, self.weights, self.configuration) = (graph, weights, configuration)
  }

  package var description: String { instructionSet }
  package var device: String { "cpu" }
  package var instructionSet: String { configuration.instructionSet.rawValue }
  package var threadsPerStream: Int { pool.threadsPerStream }
  package var streams: Int { pool.streams.count }
  package var algorithms: [String] { Plan.algorithms }

  package func run(
    _ images: UnsafeBufferPointer<Float>, batchSize: Int, size: SpatialSize, returnsFeatures: Bool
  ) throws -> (logits: Tensor, levels: [Tensor]) {
    let options = PlanOptions(batchSize: batchSize, size: size, returnsFeatures: returnsFeatures)
    // Before a stream is taken: calls that wait for the plan must not hold up those with another.
    let (plan, contexts) = try plan(options)
    return try pool.withStream { stream in
      let run = try contexts.context(stream.index) {
        try ExecutionContext(plan, on: stream.threads)
      }
      run(images)
      return (run.logits, returnsFeatures ? run.levels : [])
    }
  }

  package func describe(_ options: PlanOptions) throws -> PlanDescription {
    try plan(options).plan.description
  }

  package func profile(_ options: PlanOptions) throws -> PlanProfile {
    let (plan, contexts) = try plan(options)
    let names = plan.description.steps.map(\.name)
    return try pool.withStream { stream in
      let run = try contexts.context(stream.index) {
        try ExecutionContext(plan, on: stream.threads)
      }
      let input = [Float](repeating: 0.5, count: plan.inputCount)
      let runs = input.withUnsafeBufferPointer { input in
        (0..<Self.profileRuns).map { _ in run.profile(input) }.dropFirst(2)
      }
      var seconds: [String: Double] = [:]
      for (step, name) in plan.stepNames.enumerated() {
        seconds[name, default: 0] += runs.map { $0[step].seconds }.sorted()[runs.count / 2]
      }
      return PlanProfile(
        stepSeconds: names.map { seconds[$0] ?? 0 },
        peakFlops: KernelPeak.flops(configuration.instructionSet, on: stream.threads))
    }
  }

  private static let profileRuns = 43

  package func measure(
    _ options: PlanOptions, images: UnsafeBufferPointer<Float>, seconds: Double
  ) throws -> [[Double]] {
    let (plan, contexts) = try plan(options)
    return try pool.withAllStreams {
      let runs = try pool.streams.map { stream in
        try contexts.context(stream.index) { try ExecutionContext(plan, on: stream.threads) }
      }
      return try StreamTiming.measure(runs, input: images, seconds: seconds)
    }
  }

  /// The plan for a batch shape; candidates are timed while a stream is idle.
  private func plan(
    _ options: PlanOptions
  ) throws -> (plan: Plan, contexts: PreparedPlan<Plan.Options, Plan, ExecutionContext>) {
    let options = Plan.Options(
      options, instructionSet: configuration.instructionSet, threads: pool.threadsPerStream)
    return try plans.plan(options) { isNested in
      // A plan that is made within a callback of another one is not timed: no callback, no
      // recursion.
      let tuning = isNested ? nil : configuration.tuning
      return try Plan(
        graph, weights: weights, options: options, cache: configuration.cache, tuning: tuning,
        timer: tuning.map { _ in PoolTimer(pool) })
    }
  }
}
