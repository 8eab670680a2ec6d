import DLASystem
import DLAText
import DeepLayerAggregation

/// The evaluation of one classifier, with journal, progress and interruption.
struct EvaluationRun {
  let evaluation: Evaluation
  let settings: EvaluationSettings
  let journal: EvaluationJournal
  /// The path that --data names.
  let data: String
  /// The maximum number of samples, those of a resumed process included.
  let limit: Int?
  /// True if the first failed sample ends the evaluation.
  let isStrict: Bool
  /// Its name in the progress line; may be empty.
  let title: String

  /// The result of an evaluation.
  struct Result {
    var tally = Tally()
    /// Messages of the failed samples.
    var failures: [String] = []
    /// Samples of this process per second; nil if it evaluated none.
    var rate: Double?
  }

  private static let maxWarnings = 20

  /// Evaluates the samples that are not in the journal.
  ///
  /// - Throws: `Interrupted` after a signal; `StrictFailure` for a failed sample with `isStrict`.
  func run() throws -> Result {
    var result = try replayed()
    let done = journal.earlierCount
    if let limit, done > limit {
      throw InputError(
        "the interrupted run evaluated \(counted(done, "image", "images")), --limit is \(limit); raise "
          + "it, or start from the beginning without --resume")
    }
    if done > 0 {
      let failed = result.tally.failed
      Console.warn(
        "\(title.isEmpty ? "" : "\(title): ")resuming after \(counted(done, "image", "images"))"
          + (failed > 0 ? ", \(grouped(failed)) of which failed" : ""))
    }
    let total = [limit, evaluation.dataset.count].compactMap(\.self).min()
    let reader = try placedReader()
    var progress = EvaluationProgress(title: title, total: total)
    var signal: Int32?
    defer { Console.endProgress() }
    // Only now: there is nothing to save before.
    Interruption.watch()
    defer { Interruption.endWatch() }
    try evaluation.run(reader, limit: limit.map { $0 - done }) { outcome in
      if case .failed(let message) = outcome.classification {
        // Not recorded with --strict: a resumed run evaluates the sample again.
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
      Console.warn("no image could be evaluated; check --data, --image-root and --labels")
      return result
    }
    if journal.count > done { result.rate = progress.rate }
    return result
  }

  private var noSamples: String {
    "\(printablePath(data)): contains no labelled images (\(evaluation.dataset.summary))"
  }

  /// Removes the journal after the results were written.
  ///
  /// A resumed journal that a limit ended early stays: a longer run may still need it.
  func finish() {
    if journal.earlierCount == 0 || limit != journal.count { journal.remove() }
    journal.removeShorter()
  }

  /// The result of the outcomes in the journal.
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
        "further failures are only counted"
          + (title.isEmpty ? "; --predictions OUT.csv lists all" : ""))
    }
    Console.warn(message)
  }

  /// A reader that is placed behind the evaluated samples.
  ///
  /// - Throws: `InputError` if the last evaluated sample is another one now.
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
        "the data changed since the interrupted run: sample \(journal.count) is "
          + "\(found.map { printable($0) } ?? "missing") and was \(printable(last ?? "")); start from the "
          + "beginning without --resume")
    }
    return reader
  }
}

extension EvaluationRun.Result {
  fileprivate mutating func add(_ outcome: Outcome) {
    tally.add(outcome)
    if case .failed(let message) = outcome.classification { failures.append(message) }
  }
}

/// A failed sample with `--strict`.
struct StrictFailure: Error, CustomStringConvertible {
  let description: String
}

struct Interrupted: Error, CustomStringConvertible {
  let signal: Int32
  let count: Int
  let isKept: Bool

  var description: String {
    "stopped after \(counted(count, "image", "images"))"
      + (isKept ? "; run the same command with --resume to continue" : "")
  }
}
