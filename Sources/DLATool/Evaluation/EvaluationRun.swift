import DLASystem
import DLAText
import DeepLayerAggregation

/// One classifier's evaluation, with its journal, progress and interruption.
struct EvaluationRun {
  let evaluation: Evaluation
  let settings: EvaluationSettings
  let journal: EvaluationJournal
  /// The path that --data names.
  let data: String
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

  private static let maxWarnings = 20
  fileprivate static let maxFailures = 100

  /// Evaluates what the journal does not hold yet.
  ///
  /// - Throws: `Interrupted` if the person stopped it, `StrictFailure` for the first sample that failed
  ///   if that is enough.
  func run() throws -> Result {
    var result = try replayed()
    let done = journal.earlierCount
    if let limit, done > limit {
      throw InputError(
        "the run that was interrupted had done \(counted(done, "image", "images")), --limit is "
          + "\(limit); raise it, or leave --resume out to begin anew")
    }
    if done > 0 {
      let failed = result.tally.failed
      Console.warn(
        "\(title.isEmpty ? "" : "\(title): ")going on after \(counted(done, "image", "images"))"
          + (failed > 0 ? ", \(grouped(failed)) of which failed" : ""))
    }
    let total = [limit, evaluation.dataset.count].compactMap(\.self).min()
    let reader = try placedReader()
    var progress = EvaluationProgress(title: title, total: total)
    var signal: Int32?
    defer { Console.endProgress() }
    // Not before: what comes earlier has nothing to put away.
    Interruption.watch()
    defer { Interruption.endWatch() }
    try evaluation.run(reader, limit: limit.map { $0 - done }) { outcome in
      if case .failed(let message) = outcome.answer {
        // Not noted if it ends everything: once it is mended, --resume asks again.
        guard !isStrict else { throw StrictFailure(description: message) }
        warn(message, result)
      }
      try journal.append(outcome)
      result.add(outcome)
      progress.advance(result.tally)
      signal = Interruption.requested
      return signal == nil
    }
    if let signal {
      throw Interrupted(signal: signal, count: journal.count, isKept: journal.isKept)
    }
    guard journal.count > 0 else { throw InputError(noSamples) }
    guard result.tally.images > 0 else {
      Console.warn(
        "no image could be evaluated; are --data and --image-root right, and the labels those of the "
          + "classes (--labels)?")
      return result
    }
    if journal.count > done { result.rate = progress.rate }
    return result
  }

  private var noSamples: String {
    "\(printablePath(data)): holds no labelled images; \(evaluation.dataset.summary) found nothing to "
      + "evaluate"
  }

  /// Puts the journal away once the results are out.
  ///
  /// One that a limit ended early stays if it was gone on with: a longer run may still need it.
  func finish() {
    if journal.earlierCount == 0 || limit != journal.count { journal.remove() }
    journal.removeShorter()
  }

  /// Takes in what a session before did.
  private func replayed() throws -> Result {
    var result = Result()
    try journal.read { result.add($0) }
    return result
  }

  private func warn(_ message: String, _ result: Result) {
    guard result.tally.failed <= Self.maxWarnings else { return }
    Console.endProgress()
    guard result.tally.failed < Self.maxWarnings else {
      return Console.warn(
        "more that fail are only counted"
          + (title.isEmpty ? "; --predictions OUT.csv names all" : ""))
    }
    Console.warn(message)
  }

  /// What reads behind the samples that are done.
  ///
  /// - Throws: `InputError` if the last of them is not the one that was done.
  private func placedReader() throws -> any SampleReader {
    var reader = try evaluation.dataset.reader()
    guard journal.count > 0 else { return reader }
    var last: String?
    try journal.read { last = $0.name }
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
    return reader
  }
}

extension EvaluationRun.Result {
  fileprivate mutating func add(_ outcome: Outcome) {
    tally.add(outcome)
    guard case .failed(let message) = outcome.answer, failures.count < EvaluationRun.maxFailures
    else { return }
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
