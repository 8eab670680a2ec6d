import DLACore
import DLARuntime

/// A plan that all streams share, and the working memory of each stream; made when first needed.
final class PreparedPlan: Sendable {
  let options: Plan.Options
  private let plan = Locked<Plan?>(nil)
  private let runs: Locked<[Run?]>

  init(_ options: Plan.Options, streams: Int) {
    self.options = options
    runs = Locked(Array(repeating: nil, count: streams))
  }

  /// The plan; the first call makes it while others sleep, so weights are packed once.
  func plan(making make: () throws -> Plan) throws -> Plan {
    try plan.withLock { kept in
      let plan = try kept ?? make()
      kept = plan
      return plan
    }
  }

  /// What runs the plan on a stream.
  ///
  /// The caller holds the stream, so nobody else asks for its run.
  func run(of plan: Plan, on stream: StreamPool.Stream) throws(RuntimeError) -> Run {
    if let run = runs.withLock({ $0[stream.index] }) { return run }
    let run = try Run(plan, on: stream.threads)
    runs.withLock { $0[stream.index] = run }
    return run
  }
}
