import DLARecipes
import DLASystem
import DLAText
import DLATraining
import DeepLayerAggregation
import DeepLayerAggregationTraining

/// One `dla train`: a training configured by options, and its output.
struct TrainingSession {
  private let training: TrainingRun
  private let introduction: TrainingIntroduction
  private let report: TrainingReportFile
  /// True if the exit status is 0 though images were skipped.
  private let allowsUnreadable: Bool

  init(_ arguments: Arguments) throws {
    allowsUnreadable = arguments.has("--max-unreadable")
    let file = try Self.recipeFile(arguments)
    guard let output = arguments["--output"] ?? file?.run.outputFolder else {
      throw UsageError("--output is missing; name the output folder")
    }
    var recipe = file?.recipe ?? TrainingRecipe()
    try RecipeOptions.apply(arguments, to: &recipe)
    let weights = try StartingWeights.path(arguments, file)
    let preset = try Self.preset(arguments, file, weights: weights)
    try AugmentationOptions.apply(arguments, preset: preset, to: &recipe)
    // A configuration's own numbers are checked already: what is wrong here comes from an option.
    do throws(TrainingError) { try recipe.check() } catch { throw UsageError(error.message) }
    try BatchSize.check(recipe.batchSize, streams: 1, crop: recipe.crop ?? preset.crop)
    let folder = TrainingFolder(output)
    guard arguments.has("--resume") || !folder.isUsed else {
      throw UsageError(
        "\(printablePath(output)) contains a training; pass --resume to continue it, or name another "
          + "folder"
      )
    }
    let sources = try TrainingSources(arguments, file)
    let start = try StartingWeights(arguments, file, path: weights, classes: sources.classes.count)
    let parts = try sources.datasets(arguments, seed: recipe.seed)
    let data = try TrainingData(
      parts.training, classes: sources.classes, name: sources.training.path)
    var setup = TrainingSetup(start.variant, data: data, recipe: recipe, preset: preset)
    setup.weights = start.weights
    setup.inChannels = start.inChannels
    setup.validation = parts.validation
    let validationCount = try setup.validation.map {
      try TrainingData.check(
        validation: $0, classes: sources.classes, name: sources.validation?.path ?? "")
    }
    setup.configuration = try ConfigurationOptions.configuration(arguments)
    setup.validationInterval = file?.run.evaluationInterval ?? setup.validationInterval
    setup.firstValidation = file?.run.firstEvaluation ?? setup.firstValidation
    setup.logInterval = file?.run.loggingInterval ?? setup.logInterval
    try TrainingOptions.apply(arguments, to: &setup)
    if setup.writesHubFolder, preset.convention == .opencv {
      Console.warn(
        "timm resizes images as PIL does, so it sees them otherwise in the folder of --hub-format than in "
          + "this training by OpenCV; --preset timm trains as timm")
    }
    setup.notes = ["initial weights": start.identity]
    if arguments.has("--resume"), Folder.kind(of: folder.checkpoint) == nil {
      Console.warn(
        "there is no checkpoint in \(printablePath(output)); starting from the beginning")
    }
    try folder.create()
    training = try TrainingRun(setup, folder: folder, isResumed: arguments.has("--resume"))
    introduction = TrainingIntroduction(training, start: start.words, validation: validationCount)
    report = TrainingReportFile(
      training, data: sources.training.path, validation: sources.validation?.path)
    let empty = data.emptyClasses
    if let first = empty.first {
      Console.warn(
        "\(counted(empty.count, "class has", "classes have")) no images, for instance "
          + printable(first))
    }
  }

  /// The preset: by options, the configuration, the initial weights, or timm's.
  ///
  /// With `--crop` alone, the ratio of resized side to crop is that of ImageNet, 256 to 224.
  private static func preset(
    _ arguments: Arguments, _ file: PaddleRecipe?, weights: String?
  ) throws -> Preset {
    let options = try PresetOptions.networkOptions(arguments)
    var fallback =
      try file?.preset
      ?? weights.flatMap { try WeightsDescription(of: CheckpointFile(path: $0)).preset } ?? .timm
    if let crop = options.crop, options.resizeShort == nil, options.cropFraction == nil {
      fallback.resizeShort = (crop * 256 + 112) / 224
    }
    let preset = options.applied(to: fallback)
    try preset.check()
    return preset
  }

  private static func recipeFile(_ arguments: Arguments) throws -> PaddleRecipe? {
    guard let path = arguments["--config"] else {
      guard !arguments.has("-o") else { throw UsageError("-o needs --config FILE.yaml") }
      return nil
    }
    let file = try PaddleRecipe(path: path, overrides: arguments.all("-o"))
    for note in file.notes { Console.warn(note) }
    return file
  }

  /// Trains and prints progress and results.
  func run() throws -> Bool {
    if training.trainer.updates > 0 {
      Console.warn("resuming after \(counted(training.trainer.updates, "update", "updates"))")
      if let hardware = training.otherHardware {
        Console.warn(
          "the training was started with \(hardware); results will differ in the last bits")
      }
      if let gap = training.logGap { Console.warn(gap) }
    }
    let table = TrainingTable(hasValidation: training.setup.validation != nil)
    var line = TrainingProgressLine(training.setup)
    var failure: (any Error)?
    var warnings = 0
    try Console.print(introduction.text)
    try Console.print(table.header)
    Interruption.watch(
      note: Console.isTerminal
        ? "\ndla: stopping after this step; press Ctrl-C again to stop now\n"
        : "dla: stopping after this step\n")
    defer {
      Interruption.endWatch()
      Console.endProgress()
    }
    let result = try training.run { event in
      switch event {
      case .progress(let progress): line.show(progress)
      case .validating(let images): line.showValidation(images: images)
      case .warning(let message):
        Console.endProgress()
        warnings += 1
        if warnings < Self.maxWarnings {
          Console.warn(message)
        } else if warnings == Self.maxWarnings {
          Console.warn("further failures are only counted")
        }
      case .logged(.epoch(let epoch)):
        Console.endProgress()
        do {
          try Console.print(table.row(epoch))
          try report.write(training.records())
        } catch {
          failure = error
        }
      case .logged, .saved, .finished: break
      }
      return Interruption.requested == nil && failure == nil
    }
    Console.endProgress()
    if let failure { throw failure }
    if let signal = Interruption.requested, !result.isComplete {
      throw TrainingInterrupted(signal: signal, updates: result.updates)
    }
    // Again, for a resumed training without further epochs.
    try report.write(training.records())
    try Console.print(summary(result))
    guard warnings > 0, !allowsUnreadable else { return true }
    Console.warn(
      "\(counted(warnings, "image was", "images were")) skipped; --max-unreadable N accepts that")
    return false
  }

  private static let maxWarnings = 20

  private func summary(_ result: TrainingResult) -> String {
    let folder = training.folder
    var text = "\n"
    if let best = result.best {
      text +=
        "best Top-1 \(fixed(best.top1 * 100, 2)) after epoch \(best.epoch): "
        + printablePath(folder.best)
    } else if Folder.kind(of: folder.last) != nil {
      text += "weights: " + printablePath(folder.last)
    } else {
      // Weights are written at the end of an epoch.
      text += "checkpoint: " + printablePath(folder.checkpoint)
    }
    if training.setup.writesHubFolder, Folder.kind(of: folder.hub) == .folder {
      text += "\ntimm.create_model(\"local-dir:\(printablePath(folder.hub))\", pretrained=True)"
    }
    if result.isComplete, training.setup.averagedCount > 0 {
      let top1 = result.averageTop1.map { ", Top-1 \(fixed($0 * 100, 2))" } ?? ""
      text += "\naverage of the last epochs\(top1): \(printablePath(folder.average))"
    }
    if !result.isComplete { text += "\nstopped early; pass --resume to continue" }
    return text
  }
}
