import DLASystem
import DLAText
import DeepLayerAggregation
import DeepLayerAggregationTraining

/// The line that tells how far a training is: shown a few times a second on a terminal, and once a
/// minute where lines stay, so that a log of days tells how it goes but is not flooded.
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
