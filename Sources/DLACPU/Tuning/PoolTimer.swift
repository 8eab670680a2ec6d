import DLAGraph
import DLASystem

/// Times contenders on the threads that will run the plan.
///
/// Documentation/Architecture.md says how, and why so. For one thread at a time.
package final class PoolTimer: CandidateTimer {
  private let pool: ThreadPool
  /// Made with the first trial, since a plan whose timings are known needs none.
  private var cold: ColdMemory?

  /// The first round brings code and pages into memory and is not counted.
  private static let rounds = 10...24
  /// A trial that takes longer than these seconds gets no more rounds than it must have.
  private static let patience = 0.4
  /// Whoever is this many times slower than the fastest after some rounds runs no more.
  private static let hopeless = 1.3
  private static let firstRounds = 5

  /// Times on a pool.
  ///
  /// - Parameter pool: as many threads as the plan is made for; best idle.
  package init(_ pool: ThreadPool) { self.pool = pool }

  /// The least seconds of several runs of each contender, which take turns.
  ///
  /// - Parameter trial: the contenders.
  /// - Returns: the seconds, in the order of the contenders.
  /// - Throws: `RuntimeError` if memory is refused.
  /// - Precondition: the plan is for as many threads as the pool has.
  package func seconds(_ trial: Trial) throws(RuntimeError) -> [Double] {
    let steps = trial.contenders.map { $0.candidate.make() }
    let cold = try cold(for: steps)
    let bench = try TrialBench(trial.problem, steps: steps, pool: pool)
    let start = Platform.monotonicSeconds
    var least = steps.map { _ in Double.infinity }
    for round in 0..<Self.rounds.upperBound {
      let elapsed = Platform.monotonicSeconds - start
      if round >= Self.rounds.lowerBound, elapsed > Self.patience { break }
      let limit = round < Self.firstRounds ? .infinity : Self.hopeless * (least.min() ?? 0)
      for (index, step) in steps.enumerated() where least[index] <= limit {
        let seconds = bench.time(
          step, evictor: cold.next(TrialBench.evictorFloats), weights: cold.next(step.packedFloats))
        if round > 0 { least[index] = min(least[index], seconds) }
      }
    }
    return least
  }

  private func cold(for steps: [any ConvolutionStep]) throws(RuntimeError) -> ColdMemory {
    let largest = steps.map(\.packedFloats).reduce(TrialBench.evictorFloats, max)
    if let cold, cold.holds(largest) { return cold }
    // The old one goes first: both together may be refused.
    cold = nil
    let new = try ColdMemory(largest: largest)
    cold = new
    return new
  }
}
