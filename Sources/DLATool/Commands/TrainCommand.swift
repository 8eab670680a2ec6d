import DLASystem
import DLAText
import DeepLayerAggregation

/// `dla train`: weights from labelled images.
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
    RUN receives
      best.safetensors, last.safetensors  weights for dla classify and dla evaluate, with the names of
                                          the classes and how images become their input; those of
                                          the moving average where there is one (--ema)
      checkpoint.safetensors              all that --resume needs
      metrics.jsonl, report.html          the course of the training, and a page with its curves
      events.out.tfevents.0.dla           the same for TensorBoard
    Ctrl-C ends with a checkpoint; the same command with --resume goes on from there, and from wherever
    a run was killed, and comes to the same bits as one that was never stopped (for equal --threads on
    the same kind of processor).
    --crop is the side of the images that the network sees, 224 unless given.
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

/// The person stopped the training.
struct TrainingInterrupted: Error, CustomStringConvertible {
  let signal: Int32
  let updates: Int

  var description: String {
    "stopped after \(counted(updates, "update", "updates")); the same command with --resume goes on "
      + "from there"
  }
}
