import DLASystem
import DeepLayerAggregation

/// `dla evaluate`: accuracy on labelled images.
enum EvaluateCommand: Command {
  static let name = "evaluate"
  static let summary = "Measure accuracy on labelled images."
  static let synopsis = "--data PATH [OPTION...] [--compare A B]"
  static let options =
    DataOptions.options + ClassifierOptions.options + PresetOptions.options + [
      Option("--batch-size", "N", "Images per batch. Default: by image size."),
      Option(
        "--decode-threads", "N", "Threads that decode and resize images. Default: as --threads."),
      Option("--json", nil, "Print one JSON object."),
      Option("--predictions", "OUT.csv", "Write the predictions of all images."),
      Option(
        "--report", "OUT.html",
        "Write a report: accuracy per class, confusion matrix, calibration, misclassified images."),
      Option("--resume", nil, "Continue an interrupted evaluation."),
      Option("--strict", nil, "Stop at the first image that can't be read."),
      DataOptions.maxUnreadable,
      Option(
        "--compare", nil,
        "Evaluate two models, files of weights or presets, A and B, on the same images and test "
          + "whether they differ."),
    ] + ConfigurationOptions.options + [
      Option(
        "--streams", "K",
        "Batches that run concurrently, each on threads/K threads. Default: one per thread, at most "
          + "8; 2 on a GPU.")
    ]
  static let details = """
    \(DataOptions.details)

    Images that can't be read and labels that are no class are reported and counted as failed, and the
    exit status is 1; a number out of range stops the evaluation. Without --weights and --model, the built-in CIFAR-10 model (dla46_c, ten classes) is used.

    \(ConfigurationOptions.cacheNote)
    """

  static func run(_ arguments: Arguments) async throws -> Bool {
    let outputs = try EvaluationOutputs(arguments)
    let maxUnreadable = try DataOptions.maxUnreadable(arguments)
    let sides = try EvaluationSide.sides(arguments)
    do {
      let runs = try sides.map { try $0.run(arguments) }
      guard let first = runs.first else { return true }
      guard runs.count == 2 else {
        let result = try first.run()
        try outputs.write(first, result)
        first.finish()
        return result.tally.failed <= maxUnreadable
      }
      let results = try runs.map { try $0.run() }
      let comparison = try EvaluationComparison(sides.map(\.name), runs, results)
      try Console.print(
        arguments.has("--json") ? JSON.line(comparison.json) : comparison.description)
      for run in runs { run.journal.remove() }
      return results.allSatisfy { $0.tally.failed <= maxUnreadable }
    } catch let error as Interrupted {
      Console.warn("\(error)")
      Interruption.end(by: error.signal)
    }
  }
}

/// The files that results are written to, checked before the evaluation.
struct EvaluationOutputs {
  private let isJSON: Bool
  private let predictions: String?
  private let report: String?

  /// - Throws: `UsageError` or `FileError` if a file that is asked for can't be written.
  init(_ arguments: Arguments) throws {
    isJSON = arguments.has("--json")
    predictions = arguments["--predictions"]
    report = arguments["--report"]
    if let predictions, let report, predictions == report || areSameFile(predictions, report) {
      throw UsageError("--predictions and --report both name \(report); name two files")
    }
    for path in [predictions, report].compactMap(\.self) {
      for input in ["--weights", "--labels"] {
        if let input = arguments[input] { try OutputFile.requireApart(path, from: input) }
      }
      if let data = arguments["--data"], DatasetSource(data).reads(path) {
        throw UsageError("\(path) is read and would be replaced; name another file to write")
      }
      // Only to check that it can be written.
      _ = try ReplacementFile(path: path)
    }
  }

  func write(_ run: EvaluationRun, _ result: EvaluationRun.Result) throws {
    if let predictions { try run.journal.copy(to: predictions) }
    if let report { try EvaluationReportFile(path: report).write(run, result) }
    let summary = EvaluationSummary(run, result)
    try Console.print(isJSON ? JSON.line(summary.fields) : summary.description)
  }
}
