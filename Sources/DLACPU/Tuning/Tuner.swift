import DLABackend
import DLAGraph

/// Chooses algorithms for the layers of one plan by timing them, or by what is known from before.
///
/// For one plan: it counts its layers.
package final class Tuner {
  private let tuning: Tuning
  private let timer: any CandidateTimer
  private var machine: TuningMachine?
  private var known = Timings()
  private var timed = Timings()
  private var hasTimed = false
  /// Layers that run image by image come once for each image.
  private var seen = Set<String>()
  private var layers = 0

  /// Times that are this close are a tie, which goes to the better prediction.
  private static let tie = 1.02

  /// Makes a tuner for one plan.
  ///
  /// - Parameters:
  ///   - tuning: where timings are kept, and who is told of progress.
  ///   - timer: what measures.
  package init(_ tuning: Tuning, timer: any CandidateTimer) {
    self.tuning = tuning
    self.timer = timer
  }

  /// Looks for what is known of the machine.
  ///
  /// - Parameters:
  ///   - options: what the plan is for.
  ///   - layers: the convolutions that will come to `choose`.
  func begin(_ options: Plan.Options, layers: Int) {
    let machine = TuningMachine(options.instructionSet, threads: options.threads)
    self.machine = machine
    self.layers = layers
    if let cache = tuning.cache { known = cache.timings(of: machine) }
  }

  /// The contender that takes the least time; layers of one shape are timed once.
  ///
  /// - Parameters:
  ///   - problem: the convolution.
  ///   - forced: the name of an algorithm that is taken wherever it accepts.
  /// - Returns: the step, and what was measured.
  /// - Throws: `RuntimeError` if memory is refused.
  func choose(
    _ problem: ConvolutionProblem, forced: String?
  ) throws(RuntimeError) -> (step: any ConvolutionStep, choice: AlgorithmChoice) {
    seen.insert(problem.name)
    let trial = Trial(problem, forced: forced)
    let predicted = problem.choose(forced: forced)
    guard trial.contenders.count > 1 else { return predicted }
    let seconds = try seconds(trial)
    let least = seconds.min() ?? 0
    guard let chosen = seconds.firstIndex(where: { $0 <= Self.tie * least }) else {
      return predicted
    }
    return (
      trial.contenders[chosen].candidate.make(),
      trial.choice(chosen, seconds: seconds, declined: predicted.choice.declined)
    )
  }

  /// Keeps what was timed, and says that it is done.
  func finish() {
    guard hasTimed else { return }
    if let cache = tuning.cache, let machine { cache.save(timed, of: machine) }
    tuning.progress?(.finished)
  }

  private func seconds(_ trial: Trial) throws(RuntimeError) -> [Double] {
    if let seconds = timed.seconds(trial) ?? known.seconds(trial) { return seconds }
    hasTimed = true
    tuning.progress?(.timing(layer: seen.count, layers: layers))
    do {
      timed.note(try timer.seconds(trial), trial)
    } catch {
      finish()
      throw error
    }
    // As they will be read from a file, so that the choice is the same then.
    return timed.seconds(trial) ?? []
  }
}

extension Trial {
  /// What is told of a choice: the fastest of each other algorithm, and what the model would take.
  ///
  /// - Parameters:
  ///   - chosen: which of the contenders.
  ///   - seconds: what each contender took.
  ///   - declined: what is said of algorithms that have no contender.
  /// - Returns: the choice, with the reasons in the order of the algorithms.
  fileprivate func choice(
    _ chosen: Int, seconds: [Double], declined: [(algorithm: String, reason: String)]
  ) -> AlgorithmChoice {
    func measured(_ index: Int) -> String { "\(Int((seconds[index] * 1e6).rounded())) µs measured" }
    let winner = contenders[chosen]
    var reasons: [(algorithm: String, reason: String)] = []
    if chosen > 0 {
      let expected = contenders[0]
      let cut = expected.detail.isEmpty ? "" : " of \(expected.detail)"
      reasons.append(("predicted \(expected.algorithm)\(cut)", measured(0)))
    }
    for algorithm in ConvolutionAlgorithm.all.map(\.name) where algorithm != winner.algorithm {
      let own = contenders.indices.filter { contenders[$0].algorithm == algorithm }
      if let fastest = own.min(by: { seconds[$0] < seconds[$1] }) {
        if chosen == 0 || fastest != 0 { reasons.append((algorithm, measured(fastest))) }
      } else if let known = declined.first(where: { $0.algorithm == algorithm }) {
        reasons.append(known)
      }
    }
    return AlgorithmChoice(
      algorithm: winner.algorithm, detail: winner.detail,
      predictedSeconds: winner.predictedSeconds, measuredSeconds: seconds[chosen],
      declined: reasons)
  }
}
