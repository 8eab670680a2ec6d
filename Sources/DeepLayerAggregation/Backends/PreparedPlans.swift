import DLACPU
import DLASystem

/// The plans for the shapes seen last, each with the working memory of every stream.
final class PreparedPlans<Options: Equatable & Sendable, Plan: Sendable, Context: Sendable>:
  Sendable
{
  private let streams: Int
  private let plans = Locked<[PreparedPlan<Options, Plan, Context>]>([])

  /// How many are kept, the latest used last; each holds packed weights.
  private static var kept: Int { 2 }

  init(streams: Int) { self.streams = streams }

  /// The plan for a shape, and where its runs are kept.
  ///
  /// What can't be planned is not kept.
  func plan(
    _ options: Options, making make: () throws -> Plan
  ) throws -> (plan: Plan, runs: PreparedPlan<Options, Plan, Context>) {
    let prepared = prepared(options)
    do {
      return (try prepared.plan(making: make), prepared)
    } catch {
      plans.withLock { $0.removeAll { $0 === prepared } }
      throw error
    }
  }

  private func prepared(_ options: Options) -> PreparedPlan<Options, Plan, Context> {
    plans.withLock { plans in
      if let index = plans.firstIndex(where: { $0.options == options }) {
        plans.append(plans.remove(at: index))
      } else {
        if plans.count == Self.kept { plans.removeFirst() }
        plans.append(PreparedPlan(options, streams: streams))
      }
      return plans[plans.count - 1]
    }
  }
}

/// A plan that all streams share, and the working memory of each stream; made when first needed.
final class PreparedPlan<Options: Equatable & Sendable, Plan: Sendable, Context: Sendable>: Sendable
{
  let options: Options
  private let plan = Locked<Plan?>(nil)
  private let runs: Locked<[Context?]>

  init(_ options: Options, streams: Int) {
    self.options = options
    runs = Locked(Array(repeating: nil, count: streams))
  }

  /// The plan; the first call makes it while others sleep, so weights are packed once.
  fileprivate func plan(making make: () throws -> Plan) throws -> Plan {
    try plan.withLock { kept in
      let plan = try kept ?? make()
      kept = plan
      return plan
    }
  }

  /// What runs the plan on a stream.
  ///
  /// The caller holds the stream, so nobody else asks for its run.
  func run(_ stream: Int, making make: () throws -> Context) throws -> Context {
    if let run = runs.withLock({ $0[stream] }) { return run }
    let run = try make()
    runs.withLock { $0[stream] = run }
    return run
  }
}
