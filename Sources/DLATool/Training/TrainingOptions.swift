import DeepLayerAggregation
import DeepLayerAggregationTraining

/// The options of network, data and output of a training.
enum TrainingOptions {
  static let options = [
    Option("--config", "FILE.yaml", "A PaddleClas configuration; options override it."),
    Option(
      "-o", "KEY=VALUE", "Override a value of the configuration, for instance Global.epochs=10.",
      canRepeat: true),
    Option(
      "--data", "PATH",
      "Training images, as for dla evaluate, or a folder with train and val."),
    Option(
      "--validation", "PATH",
      "Validation images. Default: val in --data, or those of --config."),
    Option(
      "--validation-share", "X",
      "Validate with this share of the training images, chosen by --seed, instead of training on it."
    ),
    Option(
      "--labels", "FILE", "Class names, one per line. Default: the names of the class folders."),
    Option("--classes", "N", "Number of classes, for lists and shards with numeric labels."),
    Option("--model", "MODEL", "The network. Default: that of --weights, else dla34."),
    Option(
      "--in-chans", "1|3",
      "Input channels; 1 for gray images. Default: those of --weights, else 3."),
    WeightsOptions.part,
    Option(
      "--weights", "FILE", "Initial weights; a classifier of another class count is replaced."),
    Option("--pretrained", nil, "Start from the weights that dla pull downloaded for --model."),
    Option("--new-head", nil, "Replace the classifier in any case."),
    Option("--output", "RUN", "The output folder."),
    Option(
      "--hub-format", nil,
      "Also write the best weights to RUN/hub as timm's folders on the Hugging Face hub."),
    Option("--resume", nil, "Continue from the checkpoint in --output, if there is one."),
  ]

  static let running = [
    Option("--validate-every", "N", "Epochs between validations. Default: 1."),
    Option(
      "--average-last", "N",
      "Keep the weights of the last N epochs and write their mean, average.safetensors."),
    Option("--validate-from", "N", "First epoch to validate. Default: 1."),
    Option("--log-every", "N", "Updates between log entries. Default: 50."),
    Option(
      "--save-every", "N",
      "Updates between checkpoints. Default: every epoch and every ten minutes."),
    Option(
      "--max-unreadable", "N",
      "Unreadable images per epoch to skip. Default: 100, and an exit status of 1 if there are any."
    ),
    Option("--max-steps", "N", "Stop after this many updates, as if interrupted."),
    Option(
      "--decode-threads", "N", "Threads that decode and augment images. Default: as --threads."),
  ]

  /// Applies the options that do not change the recipe.
  static func apply(_ arguments: Arguments, to setup: inout TrainingSetup) throws {
    setup.decodeThreads = try arguments.integer("--decode-threads", in: 1...1024)
    setup.maxUnreadable =
      try arguments.integer("--max-unreadable", in: 0...Int.max) ?? setup.maxUnreadable
    setup.validationInterval =
      try arguments.integer("--validate-every", in: 1...1_000_000) ?? setup.validationInterval
    setup.firstValidation =
      try arguments.integer("--validate-from", in: 1...1_000_000) ?? setup.firstValidation
    setup.logInterval = try arguments.integer("--log-every", in: 1...1_000_000) ?? setup.logInterval
    setup.checkpointInterval = try arguments.integer("--save-every", in: 1...1_000_000_000)
    setup.averagedCount =
      try arguments.integer("--average-last", in: 1...setup.recipe.epochs) ?? setup.averagedCount
    setup.writesHubFolder = arguments.has("--hub-format")
    setup.maxUpdates = try arguments.integer("--max-steps", in: 1...Int.max)
  }
}
