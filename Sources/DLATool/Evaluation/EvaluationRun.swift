import DLACore
import DeepLayerAggregation

/// One classifier's evaluation, with its journal, progress and interruption.
struct EvaluationRun {
  let evaluation: Evaluation
  let settings: EvaluationSettings
  let journal: EvaluationJournal
  /// Samples at most, those of a session before among them.
  let limit: Int?
  /// Whether the first sample that fails ends everything.
  let isStrict: Bool
  /// What it is called in the progress line; may be empty.
  let title: String

  /// How it went.
  struct Result {
    var tally = Tally()
    /// The first samples that failed.
    var failures: [String] = []
    /// Samples of this session each second; nil where all was done before.
    var rate: Double?
  }

  private static let mostFailures = 100

  /// Evaluates what the journal does not hold yet.
  ///
  /// - Throws: `Interrupted` if the person stopped it, `StrictFailure` for the first sample that failed
  ///   if that is enough.
  func run() throws -> Result {
    var result = Result()
    try replay(into: &result)
    if isStrict, let failure = result.failures.first { throw StrictFailure(description: failure) }
    let total = [limit, evaluation.dataset.count].compactMap(\.self).min()
    var progress = EvaluationProgress(title: title, total: total)
    var signal: Int32?
    defer { Console.endProgress() }
    let done = journal.count
    try requireSamePlace()
    if let limit, done > limit {
      throw InputError(
        "the run that was interrupted has done \(counted(done, "image", "images")), --limit is "
          + "\(limit); raise it, or leave --resume out to begin anew")
    }
    try evaluation.run(skipping: done, limit: limit.map { max(0, $0 - done) }) { outcome in
      if isStrict, case .failed(let message) = outcome.answer {
        // Not noted: once it is mended, --resume asks it again.
        try journal.flush()
        throw StrictFailure(description: message)
      }
      try journal.append(outcome)
      result.add(outcome)
      if case .failed(let message) = outcome.answer { warn(message, result) }
      progress.advance(result.tally)
      signal = Interruption.requested
      return signal == nil
    }
    try journal.flush()
    if let signal {
      throw Interrupted(signal: signal, count: journal.count, isKept: journal.isKept)
    }
    if journal.count > done { result.rate = progress.rate }
    return result
  }

  /// Takes in what a session before did.
  private func replay(into result: inout Result) throws {
    var replayed = Result()
    try journal.read { replayed.add($0) }
    result = replayed
  }

  private func warn(_ message: String, _ result: Result) {
    guard result.tally.failed <= Self.mostFailures else { return }
    Console.endProgress()
    Console.warn(message)
    if result.tally.failed == Self.mostFailures {
      Console.warn("more that fail are only counted; --predictions OUT.csv names all")
    }
  }

  /// Holds the data to be those that were begun with: the last sample that was done has its name.
  private func requireSamePlace() throws {
    guard journal.count > 0 else { return }
    var last: String?
    try journal.read { last = $0.name }
    var reader = try evaluation.dataset.reader()
    reader.skip(journal.count - 1)
    let found: String? =
      switch reader.next() {
      case .success(let sample): sample.name
      case .failure(let error): error.name
      case nil: nil
      }
    guard found == last else {
      throw InputError(
        "the data are not those of the run that was interrupted: sample \(journal.count) is "
          + "\(found.map { printable($0) } ?? "missing") and was \(printable(last ?? "")); leave "
          + "--resume out to begin anew")
    }
  }
}

extension EvaluationRun.Result {
  fileprivate mutating func add(_ outcome: Outcome) {
    tally.add(outcome)
    guard case .failed(let message) = outcome.answer, failures.count < 100 else { return }
    failures.append(message)
  }
}

/// A sample failed and --strict was given.
struct StrictFailure: Error, CustomStringConvertible {
  let description: String
}

/// The person stopped the work.
struct Interrupted: Error, CustomStringConvertible {
  let signal: Int32
  let count: Int
  let isKept: Bool

  var description: String {
    "stopped after \(counted(count, "image", "images"))"
      + (isKept ? "; the same command with --resume goes on from there" : "")
  }
}
