import DLACore
import DeepLayerAggregation

/// The line that tells how far a training is, shown a few times a second.
struct TrainingProgressLine {
  private let setup: TrainingSetup
  private var shown = 0.0

  private static let interval = 0.2

  init(_ setup: TrainingSetup) { self.setup = setup }

  mutating func show(_ progress: TrainingProgress) {
    guard isDue else { return }
    let done = Double((progress.epoch - 1) * setup.batchesPerEpoch + progress.batch)
    let total = Double(setup.recipe.epochs * setup.batchesPerEpoch)
    let left = (total - done) * Double(setup.recipe.batchSize) / max(progress.imagesPerSecond, 1e-9)
    Console.progress(
      [
        ProgressBar.bar(done / total), "epoch \(progress.epoch) of \(setup.recipe.epochs)",
        "loss \(fixed(progress.loss, 3))", "Top-1 \(fixed(progress.top1 * 100, 1))",
        "\(fixed(progress.imagesPerSecond, 0)) images/s", "\(duration(left)) left",
      ].joined(separator: "  "))
  }

  mutating func showValidation(images: Int) {
    guard isDue else { return }
    Console.progress(
      "validating  "
        + (setup.validation?.count.map { "\(grouped(images)) of \(grouped($0))" }
          ?? "\(grouped(images)) images"))
  }

  private var isDue: Bool {
    mutating get {
      let now = Platform.monotonicSeconds
      guard now - shown >= Self.interval else { return false }
      shown = now
      return true
    }
  }
}
