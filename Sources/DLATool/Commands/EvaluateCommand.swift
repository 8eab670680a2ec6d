import DLASystem
import DeepLayerAggregation

/// `dla evaluate`: how often a network is right.
enum EvaluateCommand: Command {
  static let name = "evaluate"
  static let summary = "Measure accuracy on labelled images."
  static let synopsis = "--data PATH [OPTION...] [--compare A B]"
  static let options =
    DataOptions.options + ClassifierOptions.options + PresetOptions.options + [
      Option("--batch-size", "N", "Images that pass the network together. Default: by their size."),
      Option("--decode-threads", "N", "Threads that read and resize. Default: as --threads."),
      Option("--json", nil, "Print one JSON object."),
      Option("--predictions", "OUT.csv", "Write what the network said of each image."),
      Option("--report", "OUT.html", "Write a page with accuracy per class, mistakes and more."),
      Option("--resume", nil, "Go on where this evaluation was interrupted."),
      Option("--strict", nil, "Stop at the first image that can't be read."),
      Option(
        "--compare", nil,
        "--compare A B: evaluate two models, files of weights or presets on the same images, and "
          + "test whether they differ."),
    ] + ConfigurationOptions.options + [
      Option(
        "--streams", "K",
        "Batches that run at the same time, each on threads/K threads. Default: one a thread, 8 at "
          + "most; on a GPU 2.")
    ]
  static let details = """
    \(DataOptions.details)

    A image that can't be read, or has no label that is a class, is named and counted as failed, and
    the others go on; the exit status is then 1. Without --weights and --model the small built-in model
    of ten classes answers.

    \(ConfigurationOptions.cacheNote)
    """

  static func run(_ arguments: Arguments) async throws -> Bool {
    let outputs = try EvaluationOutputs(arguments)
    let sides = try EvaluationSide.sides(arguments)
    do {
      let runs = try sides.map { try $0.run(arguments) }
      guard let first = runs.first else { return true }
      guard runs.count == 2 else {
        let result = try first.run()
        try outputs.write(first, result)
        first.finish()
        return result.tally.failed == 0
      }
      let results = try runs.map { try $0.run() }
      let comparison = try EvaluationComparison(sides.map(\.name), runs, results)
      try Console.print(
        arguments.has("--json") ? JSON.line(comparison.json) : comparison.description)
      for run in runs { run.journal.remove() }
      return results.allSatisfy { $0.tally.failed == 0 }
    } catch let error as Interrupted {
      Console.warn("\(error)")
      Interruption.end(by: error.signal)
    }
  }
}
