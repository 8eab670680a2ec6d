import DLACore
import DeepLayerAggregation

/// Where results go, checked before hours of work.
struct EvaluationOutputs {
  private let isJSON: Bool
  private let predictions: String?

  /// - Throws: `UsageError` or `FileError` if a file that is asked for can't be written.
  init(_ arguments: Arguments) throws {
    isJSON = arguments.has("--json")
    predictions = arguments["--predictions"]
    for path in [predictions].compactMap(\.self) {
      for input in ["--data", "--weights", "--labels"] {
        if let input = arguments[input] { try OutputFile.requireApart(path, from: input) }
      }
      // Made and let go: only to see whether it can be.
      _ = try ReplacementFile(path: path)
    }
  }

  func write(_ run: EvaluationRun, _ result: EvaluationRun.Result) throws {
    if let predictions { try run.journal.copy(to: predictions) }
    let summary = EvaluationSummary(run, result)
    try Console.print(isJSON ? JSON.line(summary.fields) : summary.description)
  }
}
