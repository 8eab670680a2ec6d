import DLASystem
import DLAText
import DeepLayerAggregation

enum TrainCommand: Command {
  static let name = "train"
  static let summary = "Train or fine-tune a network on labelled images."
  static let synopsis =
    "(--data PATH | --config FILE.yaml [-o KEY=VALUE]...) --output RUN [OPTION...]"
  static let options =
    TrainingOptions.options + DataOptions.lists + RecipeOptions.options
    + AugmentationOptions.options
    + PresetOptions.options + TrainingOptions.running + ConfigurationOptions.forTraining
  static let details = """
    Files in the folder RUN:
      best.safetensors           Weights of the epoch with the best validation Top-1, with class names
                                 and preprocessing; those of the moving average with --ema.
      last.safetensors           The same of the last epoch.
      checkpoint.safetensors     The state that --resume continues from.
      metrics.jsonl              The training log.
      report.html                A report with the learning curves.
      events.out.tfevents.0.dla  The training log for TensorBoard.

    Ctrl-C saves a checkpoint and stops. The same command with --resume continues from the last
    checkpoint, also after a crash; the result is bit-identical to an uninterrupted run, given the same
    --threads and kind of processor.
    """

  static func run(_ arguments: Arguments) async throws -> Bool {
    if let word = arguments.positional.first {
      throw UsageError("\(word) is not expected; name the images with --data PATH")
    }
    let session = try TrainingSession(arguments)
    do {
      return try session.run()
    } catch let error as TrainingInterrupted {
      Console.warn("\(error)")
      Interruption.end(by: error.signal)
    }
  }
}

/// A signal stopped the training.
struct TrainingInterrupted: Error, CustomStringConvertible {
  let signal: Int32
  let updates: Int

  var description: String {
    "stopped after \(counted(updates, "update", "updates")); run the same command with --resume to "
      + "continue"
  }
}
