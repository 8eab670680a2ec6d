import DLAReport
import DLASystem
import DLATensor
import DLATraining

/// The log of a made-up training: losses fall, shares rise, the rate warms up and follows a cosine.
func someLog(
  epochs: Int, entriesPerEpoch: Int = 10, hasValidation: Bool = true, seed: String = "training"
) -> [TrainingRecord] {
  var random = KeyedRandom(key: seed)
  func noise(_ size: Double) -> Double { size * Double(random.nextUniform()) }
  var records: [TrainingRecord] = []
  let total = epochs * entriesPerEpoch
  for entry in 1...max(1, total) where epochs > 0 {
    let part = Double(entry) / Double(total)
    let rate =
      part < 0.05 ? 0.1 * part / 0.05 : 0.05 * (1 + Platform.cosine(.pi * (part - 0.05) / 0.95))
    let top1 = 0.8 * (1 - Platform.exponential(-6 * part))
    let loss = 6.9 - 7 * top1
    let step = StepRecord(
      step: entry * 500, epoch: Double(entry) / Double(entriesPerEpoch),
      loss: loss + noise(0.25), top1: max(0, top1 + noise(0.03)), learningRate: rate,
      imagesPerSecond: 420 + noise(12))
    records.append(.step(step))
    guard entry.isMultiple(of: entriesPerEpoch) else { continue }
    records.append(
      .epoch(
        EpochRecord(
          epoch: entry / entriesPerEpoch, step: entry * 500, loss: loss, top1: top1,
          learningRate: rate,
          imagesPerSecond: 421, seconds: 3043 + noise(20),
          validation: hasValidation
            ? .init(
              loss: loss + 0.2 + noise(0.1), top1: max(0, top1 * 0.95 + noise(0.012)),
              top5: min(1, top1 * 1.15 + noise(0.008) + 0.01), images: 50_000) : nil)))
  }
  return records
}

/// A report of a log, the rest made up.
func trainingReport(_ records: [TrainingRecord], epochs: Int = 90) -> TrainingReport {
  TrainingReport(
    model: "dla34", data: "imagenet/train, 1,281,167 images of 1,000 classes", epochs: epochs,
    records: records,
    settings: [("optimizer", "SGD, momentum 0.9, Nesterov"), ("batch size", "256")],
    command: "dla train --model dla34 --data imagenet --epochs \(epochs)",
    origin: "Made by a test")
}
