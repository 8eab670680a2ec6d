import DLASystem
import DeepLayerAggregation

/// Where results go, checked before hours of work.
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
      // Made and let go: only to see whether it can be.
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
