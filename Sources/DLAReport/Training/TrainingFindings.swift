import DLATraining

package struct TrainingFindings: Sendable {
  package private(set) var steps: [StepRecord] = []
  package private(set) var epochs: [EpochRecord] = []

  package init(_ records: [TrainingRecord]) {
    for record in records {
      switch record {
      case .step(let record): steps.append(record)
      case .epoch(let record): epochs.append(record)
      }
    }
  }

  /// The first epoch with the highest validation Top-1.
  package var best: EpochRecord? {
    func top1(_ epoch: EpochRecord) -> Double? {
      epoch.validation.flatMap { $0.top1.isFinite ? $0.top1 : nil }
    }
    return epochs.filter { top1($0) != nil }.max { (top1($0) ?? 0) < (top1($1) ?? 0) }
  }

  /// Seconds of training, without validation.
  package var seconds: Double { epochs.reduce(0) { $0 + $1.seconds } }

  /// Mean images per second; nil without entries.
  package var imagesPerSecond: Double? {
    let images = epochs.reduce(0) { $0 + $1.imagesPerSecond * $1.seconds }
    if seconds > 0, images.isFinite { return images / seconds }
    return steps.last { $0.imagesPerSecond.isFinite }?.imagesPerSecond
  }

  package var updates: Int { max(steps.last?.step ?? 0, epochs.last?.step ?? 0) }

  /// The maximum number of unreadable images in an epoch.
  package var unreadable: Int { epochs.reduce(0) { max($0, $1.unreadable) } }
}
