import DLAText
import DeepLayerAggregation
import DeepLayerAggregationTraining

/// What is trained, on what and for how long, told before the first epoch.
struct TrainingIntroduction {
  private let rows: [[String]]

  /// - Parameters:
  ///   - training: what is told of.
  ///   - start: the weights that it begins with, for people.
  ///   - validation: samples to validate with; nil for none.
  init(_ training: TrainingRun, start: String, validation: Int?) {
    let setup = training.setup
    let recipe = setup.recipe
    let side = setup.preset.crop
    let batches = counted(setup.batchesPerEpoch, "batch", "batches")
    let images = counted(recipe.batchSize, "image", "images")
    rows = [
      [
        "network",
        "\(setup.variant.name), \(grouped(training.trainer.graph.parameterCount)) parameters, \(start)",
      ],
      [
        "images",
        "\(grouped(setup.data.samples)) of \(counted(setup.data.classes.count, "class", "classes")), "
          + (validation.map { "\(grouped($0)) to validate with" } ?? "none to validate with"),
      ],
      [
        "course",
        "\(counted(recipe.epochs, "epoch", "epochs")) of \(batches) of \(images), \(side)×\(side)"
          + (recipe.accumulationSteps > 1 ? ", an update every \(recipe.accumulationSteps)" : ""),
      ],
      [
        "machine",
        "\(counted(setup.configuration.threads, "thread", "threads")), "
          + setup.configuration.instructionSet.rawValue,
      ],
    ]
  }

  /// Two columns, and an empty line behind them.
  var text: String { "\(Table(rows: rows, alignment: [.left, .left]))\n" }
}
