import DLATraining

/// Entries of the kinds that a log has, their numbers with many digits.
let someRecords: [TrainingRecord] = [
  .step(
    StepRecord(
      step: 120, epoch: 0.4, loss: 6.785123, top1: 0.0042, learningRate: 0.1, imagesPerSecond: 127.5
    )),
  .step(
    StepRecord(
      step: 240, epoch: 0.1 + 0.7, loss: 1.0 / 3, top1: 2.0 / 3,
      learningRate: .leastNonzeroMagnitude,
      imagesPerSecond: .greatestFiniteMagnitude)),
  .epoch(
    EpochRecord(
      epoch: 1, step: 300, loss: -0.0, top1: 1, learningRate: 1e-7, imagesPerSecond: 1e16,
      seconds: 2353.125)),
  .epoch(
    EpochRecord(
      epoch: 2, step: 600, loss: 5.123456789012345, top1: 0.1, learningRate: 0.05,
      imagesPerSecond: 128,
      seconds: 2344, unreadable: 3,
      validation: .init(loss: 6.25, top1: 0.125, top5: 0.3, images: 50_000))),
]

/// An entry whose numbers are none.
let notFiniteRecord = TrainingRecord.step(
  StepRecord(
    step: 7, epoch: 0.5, loss: .nan, top1: .nan, learningRate: -.infinity,
    imagesPerSecond: .infinity))
