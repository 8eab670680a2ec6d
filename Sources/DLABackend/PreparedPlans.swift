import DLASystem

/// The plans for the last batch shapes, each with one execution context for each stream.
package final class PreparedPlans<Options: Equatable & Sendable, Plan: Sendable, Context: Sendable>:
  Sendable
{
  private let streams: Int
  private let plans = Locked<[PreparedPlan<Options, Plan, Context>]>([])

  /// The number of plans that are kept, the last used last; each holds packed weights.
  private static var kept: Int { 2 }

  package init(streams: Int) { self.streams = streams }

  /// The plan for a batch shape, and its execution contexts.
  ///
  /// `make` runs without any lock: it calls the user's weight source and progress callback, which
  /// may run the network again. Other threads that ask for the same plan sleep meanwhile, so
  /// weights are packed once. A call from within `make` makes a plan of its own, which is not kept;
  /// a callback must not wait for another thread that asks for the same plan. `isNested` tells
  /// `make` that it is called from within another `make` for the same options.
  ///
  /// - Returns: the plan, and where its execution contexts are kept.
  /// - Throws: what `make` throws; then no plan is kept.
  package func plan(
    _ options: Options, making make: (_ isNested: Bool) throws -> Plan
  ) throws -> (plan: Plan, contexts: PreparedPlan<Options, Plan, Context>) {
    let prepared = prepared(options)
    switch prepared.claim() {
    case .ready(let plan): return (plan, prepared)
    case .nested: return (try make(true), PreparedPlan(options, streams: streams))
    case .claimed:
      do {
        let plan = try make(false)
        prepared.finish(plan)
        return (plan, prepared)
      } catch {
        plans.withLock { $0.removeAll { $0 === prepared } }
        prepared.finish(nil)
        throw error
      }
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

/// A plan that all streams share, and the execution context of each stream; made when first needed.
package final class PreparedPlan<Options: Equatable & Sendable, Plan: Sendable, Context: Sendable>:
  Sendable
{
  private enum State: Sendable {
    case missing
    /// Being made by a thread.
    case claimed(by: UInt)
    case ready(Plan)
  }

  /// The result of asking for a plan.
  fileprivate enum Claim {
    case ready(Plan)
    /// The caller makes the plan and calls ``finish(_:)``.
    case claimed
    /// The caller is within the making of the same plan.
    case nested
  }

  fileprivate let options: Options
  private let state = Locked<State>(.missing)
  private let contexts: Locked<[Context?]>

  fileprivate init(_ options: Options, streams: Int) {
    self.options = options
    contexts = Locked(Array(repeating: nil, count: streams))
  }

  /// Finds the plan, or claims its making; sleeps while another thread makes it.
  fileprivate func claim() -> Claim {
    let thread = Platform.currentThread
    return state.wait { state in
      switch state {
      case .ready(let plan): return .ready(plan)
      case .claimed(by: thread): return .nested
      case .claimed: return nil
      case .missing:
        state = .claimed(by: thread)
        return .claimed
      }
    }
  }

  /// Ends a claim with a plan, or without: then the next caller tries.
  fileprivate func finish(_ plan: Plan?) { state.change { $0 = plan.map(State.ready) ?? .missing } }

  /// The execution context of a stream, which the caller holds.
  ///
  /// - Throws: what `make` throws.
  package func context(_ stream: Int, making make: () throws -> Context) throws -> Context {
    if let context = contexts.withLock({ $0[stream] }) { return context }
    let context = try make()
    contexts.withLock { $0[stream] = context }
    return context
  }
}
