import DLAText
import DLATraining

extension TrainingReport {
  var figures: Markup {
    let (last, rate) = (findings.epochs.last, findings.imagesPerSecond)
    return markup {
      if let best = findings.best, let validation = best.validation {
        figure(
          "Best Top-1", percent(validation.top1, decimals: 2), interval(validation, best.epoch),
          isFirst: true)
        figure("Top-5", share(validation.top5, decimals: 2), "of the same epoch")
        figure("Loss", loss(validation.loss), "of the same epoch, nats")
      } else {
        figure(
          "Top-1 in training", share(last?.top1 ?? .nan, decimals: 2), "of the last epoch",
          isFirst: true)
        figure("Loss in training", loss(last?.loss ?? .nan), "of the last epoch, nats")
      }
      figure(
        "Epochs", "\(grouped(last?.epoch ?? 0)) of \(grouped(epochs))",
        grouped(findings.updates) + (findings.updates == 1 ? " update" : " updates"))
      figure("Time", duration(findings.seconds), "without validation")
      figure(
        "Speed", rate.map(rounded) ?? "–",
        rate == nil ? "not measured yet" : "images/s in training")
    }
  }

  private func interval(_ validation: EpochRecord.Validation, _ epoch: Int) -> String {
    let epoch = "epoch \(grouped(epoch))"
    guard validation.images > 0 else { return epoch }
    let right = max(0, min(1, validation.top1)) * Double(validation.images)
    let count = Int(exactly: right.rounded()) ?? validation.images
    return "95% CI " + DLAReport.interval(count, of: validation.images, decimals: 2) + ", " + epoch
  }

  /// A percentage for tables; a dash if it is not finite.
  func share(_ share: Double, decimals: Int = 1) -> String {
    percent(share.isFinite ? share : nil, decimals: decimals)
  }

  /// A loss for tables; a dash if it is not finite.
  func loss(_ loss: Double) -> String { abs(loss) < 1e4 ? fixed(loss, 4) : significant(loss) }

  /// A number with at least three digits; a dash if it is not finite.
  func rounded(_ value: Double) -> String {
    guard value >= 100, let whole = Int(exactly: value.rounded()) else { return significant(value) }
    return grouped(whole)
  }
}
