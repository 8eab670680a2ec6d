import DLASystem
import DLAText
import DLATraining
import DeepLayerAggregation
import DeepLayerAggregationTraining

/// The rows printed before the first epoch: network, data, schedule and hardware.
struct TrainingIntroduction {
  private let rows: [[String]]

  init(_ training: TrainingRun, start: String, validation: Int?) {
    let setup = training.setup
    let recipe = setup.recipe
    let side = setup.trainingPreset.crop
    let batches = counted(setup.batchesPerEpoch, "batch", "batches")
    let images = counted(recipe.batchSize, "image", "images")
    rows = [
      [
        "network",
        "\(setup.variant.name), \(grouped(training.trainer.graph.parameterCount)) parameters, \(start)",
      ],
      [
        "data",
        "\(counted(setup.data.samples, "image", "images")), "
          + "\(counted(setup.data.classes.count, "class", "classes")), "
          + (validation.map { "\(grouped($0)) for validation" } ?? "no validation"),
      ],
      [
        "schedule",
        "\(counted(recipe.epochs, "epoch", "epochs")) of \(batches) of \(images), \(side)×\(side)"
          + (recipe.accumulationSteps > 1
            ? ", gradients accumulated over \(recipe.accumulationSteps) batches" : ""),
      ],
      [
        "hardware",
        "\(counted(setup.configuration.threads, "thread", "threads")), "
          + setup.configuration.instructionSet.rawValue,
      ],
    ]
  }

  /// Two columns and an empty line.
  var text: String { "\(Table(rows: rows, alignment: [.left, .left]))\n" }
}

/// One line per epoch, in columns of a fixed width.
struct TrainingTable {
  private let hasValidation: Bool

  init(hasValidation: Bool) { self.hasValidation = hasValidation }

  var header: String {
    line(
      ["epoch", "lr", "loss", "Top-1"]
        + (hasValidation ? ["val loss", "val Top-1", "val Top-5"] : [])
        + ["images/s", "time"])
  }

  func row(_ epoch: EpochRecord) -> String {
    var cells = [
      "\(epoch.epoch)", Self.rate(epoch.learningRate), Self.loss(epoch.loss),
      fixed(epoch.top1 * 100, 2),
    ]
    if hasValidation {
      cells +=
        epoch.validation.map {
          [Self.loss($0.loss), fixed($0.top1 * 100, 2), fixed($0.top5 * 100, 2)]
        } ?? ["", "", ""]
    }
    return line(cells + [fixed(epoch.imagesPerSecond, 0), duration(epoch.seconds)])
  }

  private func line(_ cells: [String]) -> String {
    cells.map { cell in
      String(repeating: " ", count: max(0, Self.width - cell.count)) + cell
    }.joined(separator: " ")
  }

  private static let width = 10

  /// Four decimals; scientific notation for large values.
  private static func loss(_ loss: Double) -> String {
    loss < 10_000 ? fixed(loss, 4) : scientific(loss, digits: 4)
  }

  /// Five decimals; scientific notation for small values.
  private static func rate(_ rate: Double) -> String {
    rate > 0 && rate < 0.001 ? scientific(rate, digits: 4) : fixed(rate, 5)
  }
}

/// The progress of a training: updated a few times a second on a terminal, one line a minute in a log.
struct TrainingProgressLine {
  private let setup: TrainingSetup
  private let interval = Console.isTerminal ? 0.2 : 60
  private var shown: Double

  init(_ setup: TrainingSetup) {
    self.setup = setup
    shown = Platform.monotonicSeconds - (Console.isTerminal ? interval : 0)
  }

  mutating func show(_ progress: TrainingProgress) {
    guard isDue else { return }
    let done = Double((progress.epoch - 1) * setup.batchesPerEpoch + progress.batch)
    let total = Double(setup.recipe.epochs * setup.batchesPerEpoch)
    let left = (total - done) * Double(setup.recipe.batchSize) / max(progress.imagesPerSecond, 1e-9)
    show(
      [
        Console.isTerminal ? ProgressBar.bar(done / total) : "\(Int(100 * done / total))%",
        "epoch \(progress.epoch) of \(setup.recipe.epochs)",
        "loss \(fixed(progress.loss, 3))", "Top-1 \(fixed(progress.top1 * 100, 1))",
        "\(fixed(progress.imagesPerSecond, 0)) images/s", "\(duration(left)) left",
      ].joined(separator: "  "))
  }

  mutating func showValidation(images: Int) {
    guard isDue else { return }
    show(
      "validating  "
        + (setup.validation?.count.map { "\(grouped(images)) of \(grouped($0))" }
          ?? "\(grouped(images)) images"))
  }

  private func show(_ text: String) {
    if Console.isTerminal { Console.progress(text) } else { Console.warn(text) }
  }

  private var isDue: Bool {
    mutating get {
      let now = Platform.monotonicSeconds
      guard now - shown >= interval else { return false }
      shown = now
      return true
    }
  }
}
