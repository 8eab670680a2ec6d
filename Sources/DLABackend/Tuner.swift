/// One way to compute a layer, identified by its names in stored timings.
package protocol TuningCandidate {
  var algorithm: String { get }
  /// The division of its work, which distinguishes candidates of one algorithm; may be empty.
  var detail: String { get }
}

/// Chooses the fastest candidates for the layers of one plan, by timing them or by stored timings.
package final class Tuner {
  private let tuning: Tuning
  private let layers: Int
  private let file: TimingsFile?
  private let known: Timings
  private var timed = Timings()
  private var hasTimed = false
  /// Layers that run image by image come once for each image.
  private var seen = Set<String>()

  /// Times that are this close are a tie, which the better prediction wins.
  private static let tie = 1.02

  /// Makes a tuner for one plan.
  ///
  /// `hardware` is one line that identifies the hardware and the software that timings hold for.
  package init(_ tuning: Tuning, hardware: String, algorithms: [String], layers: Int) {
    (self.tuning, self.layers) = (tuning, layers)
    file = tuning.cache.map { TimingsFile($0, hardware: hardware, algorithms: Set(algorithms)) }
    known = file?.read() ?? Timings()
  }

  /// Chooses a candidate for a layer; layers of equal problems are timed once.
  ///
  /// `candidates` come best prediction first. `problem` is equal for problems that take equal time.
  /// `measure` gives the seconds of all candidates, in their order.
  ///
  /// - Returns: the index of the fastest candidate and the seconds of all; nil if there is no
  ///   choice.
  /// - Throws: what `measure` throws.
  package func choose<Failure: Error>(
    _ candidates: [some TuningCandidate], layer: String, problem: String,
    measure: () throws(Failure) -> [Double]
  ) throws(Failure) -> (index: Int, seconds: [Double])? {
    seen.insert(layer)
    guard candidates.count > 1 else { return nil }
    if timed.seconds(candidates, problem: problem) ?? known.seconds(candidates, problem: problem)
      == nil
    {
      hasTimed = true
      tuning.progress?(.timing(layer: seen.count, layers: layers))
      do {
        timed.note(try measure(), candidates, problem: problem)
      } catch {
        finish()
        throw error
      }
    }
    // As they will be read from a file, so that the choice is the same then.
    let seconds =
      timed.seconds(candidates, problem: problem) ?? known.seconds(candidates, problem: problem)
    guard let seconds, let least = seconds.min() else { return nil }
    return seconds.firstIndex { $0 <= Self.tie * least }.map { ($0, seconds) }
  }

  /// Stores the new timings and reports the end.
  package func finish() {
    guard hasTimed else { return }
    file?.save(timed)
    tuning.progress?(.finished)
  }
}
