import CDLASystem
import DLABackend
import DLAGraph
import DLASystem

/// A candidate and the algorithm it belongs to.
package struct Contender: TuningCandidate {
  package let algorithm: String
  let candidate: Candidate

  /// The division of the work; empty if there is only one.
  package var detail: String { candidate.detail }
  /// The predicted time, in seconds at `CostModel.nominalHertz`.
  package var predictedSeconds: Double { candidate.seconds }
}

/// The candidates for one convolution that are timed against each other.
package struct Trial {
  /// The name of the convolution.
  package var layer: String { problem.name }
  /// The candidates; at least one, the best prediction first.
  package let contenders: [Contender]
  let problem: ConvolutionProblem

  /// Candidates are timed if their prediction is at most this times the best one.
  static let reach = 2.0
  static let maxContenders = 8

  /// Selects the candidates of a problem.
  ///
  /// The best candidate of each algorithm comes before second ones, since the cost model ranks the
  /// candidates of one algorithm better than different algorithms. An algorithm that is `forced` is
  /// used wherever it is supported.
  init(_ problem: ConvolutionProblem, forced: String?) {
    self.problem = problem
    var groups: [[Contender]] = ConvolutionAlgorithm.all.compactMap { algorithm in
      guard case .accepted(let candidates) = algorithm.consider(problem), !candidates.isEmpty
      else { return nil }
      return Self.sorted(candidates.map { Contender(algorithm: algorithm.name, candidate: $0) })
    }
    if let group = groups.first(where: { $0[0].algorithm == forced }) { groups = [group] }
    let best = groups.map { $0[0].candidate.cycles }.min() ?? 0
    let likely = groups.map { $0.filter { $0.candidate.cycles <= Self.reach * best } }
    let leaders = likely.flatMap { $0.prefix(1) }
    let others = Self.sorted(likely.flatMap { $0.dropFirst() })
    contenders = Self.sorted(Array((leaders + others).prefix(Self.maxContenders)))
  }

  /// By prediction; of equals the earlier one first, as without timing.
  private static func sorted(_ contenders: [Contender]) -> [Contender] {
    contenders.enumerated().sorted {
      ($0.element.candidate.cycles, $0.offset) < ($1.element.candidate.cycles, $1.offset)
    }.map(\.element)
  }
}

package protocol CandidateTimer {
  /// Measures candidates against each other.
  ///
  /// - Returns: the seconds of each, in their order.
  /// - Throws: `RuntimeError` if memory is refused.
  func seconds(_ trial: Trial) throws(RuntimeError) -> [Double]
}

/// A tuner and what measures its candidates, for one plan.
struct LayerTuner {
  let tuner: Tuner
  let timer: any CandidateTimer

  /// Chooses an algorithm for a convolution: the `forced` one wherever it is supported.
  ///
  /// - Returns: the step, and the choice with the measured times.
  /// - Throws: `RuntimeError` if memory is refused.
  func choose(
    _ problem: ConvolutionProblem, forced: String?
  ) throws(RuntimeError) -> (step: any ConvolutionStep, choice: AlgorithmChoice) {
    let trial = Trial(problem, forced: forced)
    let predicted = problem.choose(forced: forced)
    let found = try tuner.choose(
      trial.contenders, layer: problem.name, problem: problem.shape
    ) { () throws(RuntimeError) in try timer.seconds(trial) }
    guard let (chosen, seconds) = found else { return predicted }
    return (
      trial.contenders[chosen].candidate.make(),
      trial.choice(chosen, seconds: seconds, declined: predicted.choice.declined)
    )
  }
}

extension Trial {
  /// The description of a choice: the fastest candidate of each other algorithm, and the one that
  /// the cost model would have chosen.
  ///
  /// `chosen` is the index of a candidate, `seconds` are those of each; `declined` are the reasons
  /// of algorithms that have no candidate.
  ///
  /// - Returns: the choice, with the reasons in the order of the algorithms.
  fileprivate func choice(
    _ chosen: Int, seconds: [Double], declined: [(algorithm: String, reason: String)]
  ) -> AlgorithmChoice {
    func measured(_ index: Int) -> String { "\(Int((seconds[index] * 1e6).rounded())) µs measured" }
    let winner = contenders[chosen]
    var reasons: [(algorithm: String, reason: String)] = []
    if chosen > 0 {
      let expected = contenders[0]
      let detail = expected.detail.isEmpty ? "" : " of \(expected.detail)"
      reasons.append(("predicted \(expected.algorithm)\(detail)", measured(0)))
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

extension ConvolutionProblem {
  /// All numbers that determine the time of a candidate on given hardware.
  fileprivate var shape: String {
    let (from, to) = (source.geometry, destination.geometry)
    let shortcutBorder = shortcut?.geometry.border ?? -1
    return [
      to.images, convolution.inChannels, convolution.outChannels, convolution.kernelSize,
      convolution.stride, convolution.groups, from.images, from.size.height, from.size.width,
      from.border, from.pixel, source.channelBlocks.count, to.border,
      destination.channelBlocks.count, shortcutBorder,
    ].map(String.init).joined(separator: " ")
  }
}

extension Plan.Options {
  /// One line of text that identifies the hardware and the version that timings hold for.
  var tuningHardware: String {
    [
      Self.processor, "\(Platform.secondLevelCacheBytes) bytes of cache", instructionSet.rawValue,
      "\(threads) threads", "swift-dla \(packageVersion)",
    ].joined(separator: ", ")
  }

  /// The processor's name and model; all but x86-64 are described alike.
  private static let processor: String = {
    var name = [CChar](repeating: 0, count: 49)
    let model = dla_cpu_model(&name)
    // A virtual machine chooses its name, which must not break the line.
    let letters = name.prefix { $0 != 0 }.map { (32...126).contains($0) ? UInt8($0) : 63 }
    let words = String(decoding: letters, as: UTF8.self)
    return model == 0 ? "not x86-64" : "\(words) model \(String(model, radix: 16))"
  }()
}
