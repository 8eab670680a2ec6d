import DeepLayerAggregation
import DeepLayerAggregationTraining

/// What is trained, on what, and where it goes.
enum TrainingOptions {
  static let options = [
    Option("--config", "FILE.yaml", "A recipe of PaddleClas; options change what it says."),
    Option(
      "-o", "KEY=VALUE", "Change a value of the recipe, for instance Global.epochs=10.",
      canRepeat: true),
    Option(
      "--data", "PATH",
      "Labelled images to learn from, as for dla evaluate; or a folder of train and val."),
    Option(
      "--validation", "PATH",
      "Labelled images that tell how good it is. Default: val in --data, or the recipe's."),
    Option("--labels", "FILE", "Names of the classes, one a line. Default: the class folders'."),
    Option("--classes", "N", "Classes of a list or of shards whose labels are numbers."),
    Option("--model", "NAME", "The network. Default: that of --weights, else dla34."),
    Option("--weights", "FILE", "Begin with these weights; another classifier is made anew."),
    Option("--pretrained", nil, "Begin with the weights that dla pull fetched for --model."),
    Option("--new-head", nil, "Make the classifier anew in any case."),
    Option("--output", "RUN", "The folder for weights, checkpoint, log and report."),
    Option("--resume", nil, "Go on from the checkpoint in --output, if there is one."),
  ]

  static let running = [
    Option("--validate-every", "N", "Epochs from one validation to the next. Default: 1."),
    Option("--log-every", "N", "Updates from one entry of the log to the next. Default: 50."),
    Option(
      "--save-every", "N",
      "Updates from one checkpoint to the next. Default: each epoch, and every ten minutes."),
    Option("--max-bad", "N", "Images of an epoch that may be unreadable. Default: 100."),
    Option("--max-steps", "N", "Stop after so many updates, as if interrupted."),
    Option("--decode-threads", "N", "Threads that read images. Default: as --threads."),
  ]

  /// Sets what the running of a training depends on.
  static func apply(_ arguments: Arguments, to setup: inout TrainingSetup) throws {
    setup.decodeThreads = try arguments.integer("--decode-threads", in: 1...1024)
    setup.maxUnreadable =
      try arguments.integer("--max-bad", in: 0...Int.max) ?? setup.maxUnreadable
    setup.validationInterval =
      try arguments.integer("--validate-every", in: 1...1_000_000) ?? setup.validationInterval
    setup.logInterval = try arguments.integer("--log-every", in: 1...1_000_000) ?? setup.logInterval
    setup.checkpointInterval = try arguments.integer("--save-every", in: 1...1_000_000_000)
    setup.maxUpdates = try arguments.integer("--max-steps", in: 1...Int.max)
  }
}
