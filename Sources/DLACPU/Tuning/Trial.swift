import DLAGraph

/// A candidate and the algorithm it belongs to.
package struct Contender {
  /// The algorithm's name.
  package let algorithm: String
  let candidate: Candidate

  /// How the work is cut; empty if there is nothing to say.
  package var detail: String { candidate.detail }
  /// What it is expected to take, in seconds at `CostModel.nominalHertz`.
  package var predictedSeconds: Double { candidate.seconds }
}

/// Ways to compute one convolution that may each turn out the fastest.
package struct Trial {
  /// The name of the convolution.
  package var layer: String { problem.name }
  /// At least one; the best prediction first.
  package let contenders: [Contender]
  let problem: ConvolutionProblem

  /// Contenders are timed if they are expected to take up to this times the best prediction.
  static let reach = 2.0
  /// The most contenders.
  static let most = 8

  /// Selects the contenders of a problem.
  ///
  /// The likeliest of each algorithm comes before second ones, since the cost model knows the cuts of
  /// one algorithm better than one algorithm beside another.
  ///
  /// - Parameters:
  ///   - problem: the convolution.
  ///   - forced: the name of an algorithm that is taken wherever it accepts.
  init(_ problem: ConvolutionProblem, forced: String?) {
    self.problem = problem
    var groups: [[Contender]] = ConvolutionAlgorithm.all.compactMap { algorithm in
      guard case .accepted(let candidates) = algorithm.consider(problem), !candidates.isEmpty
      else { return nil }
      return Self.sorted(
        candidates.map { Contender(algorithm: algorithm.name, candidate: $0) })
    }
    if let group = groups.first(where: { $0[0].algorithm == forced }) { groups = [group] }
    let best = groups.map { $0[0].candidate.cycles }.min() ?? 0
    let likely = groups.map { $0.filter { $0.candidate.cycles <= Self.reach * best } }
    let leaders = likely.flatMap { $0.prefix(1) }
    let others = Self.sorted(likely.flatMap { $0.dropFirst() })
    contenders = Self.sorted(Array((leaders + others).prefix(Self.most)))
  }

  /// By prediction; of equals the earlier one first, as without timing.
  private static func sorted(_ contenders: [Contender]) -> [Contender] {
    contenders.enumerated().sorted {
      ($0.element.candidate.cycles, $0.offset) < ($1.element.candidate.cycles, $1.offset)
    }.map(\.element)
  }
}

/// What measures the contenders of a trial.
package protocol CandidateTimer {
  /// Measures contenders against each other.
  ///
  /// - Parameter trial: the contenders.
  /// - Returns: the seconds each of them takes, in their order.
  /// - Throws: `RuntimeError` if memory is refused.
  func seconds(_ trial: Trial) throws(RuntimeError) -> [Double]
}
