import DLAText
import DLATraining

extension TrainingReport {
  var lossSection: Markup {
    chart(
      "Loss by epoch",
      [
        .init("training", .first, .faint, points: steps(\.loss)),
        .init("training, epoch means", .first, points: means(\.loss)),
        .init("validation", .second, points: validations(\.loss)),
      ],
      note:
        "Cross-entropy in nats. The training loss includes augmentation and label smoothing and is "
        + "measured while the weights change; it may be the larger one."
    ) {
      loss($0.loss) + ($0.validation.map { " in training, \(loss($0.loss)) in validation" } ?? "")
    }
  }

  var accuracySection: Markup {
    func scaled(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
      points.map { ($0.x, $0.y * 100) }
    }
    let best = findings.best
    return chart(
      "Accuracy by epoch", unit: "%", isEven: true,
      [
        .init("training", .first, .faint, points: scaled(steps(\.top1))),
        .init("training, epoch means", .first, points: scaled(means(\.top1))),
        .init("validation, Top-5", .second, .dashed, points: scaled(validations(\.top5))),
        .init("validation", .second, points: scaled(validations(\.top1))),
        .init(
          best.map { "best, epoch \(grouped($0.epoch))" } ?? "", .second, .best,
          points: best.map { [(Double($0.epoch), ($0.validation?.top1 ?? .nan) * 100)] } ?? []),
      ],
      note:
        "Top-1 accuracy; Top-5 where stated."
    ) {
      "\(share($0.top1)) in training"
        + ($0.validation.map { ", \(share($0.top1)) in validation, Top-5 \(share($0.top5))" } ?? "")
    }
  }

  var rateSection: Markup {
    let points = findings.steps.isEmpty ? means(\.learningRate) : steps(\.learningRate)
    return chart(
      "Learning rate by epoch", height: 160, [.init("learning rate", .first, points: points)],
      note: "The learning rate of the last update before each log entry."
    ) { significant($0.learningRate) }
  }

  private func steps(_ value: (StepRecord) -> Double) -> [(x: Double, y: Double)] {
    findings.steps.map { ($0.epoch, value($0)) }
  }

  private func means(_ value: (EpochRecord) -> Double) -> [(x: Double, y: Double)] {
    findings.epochs.map { (Double($0.epoch), value($0)) }
  }

  private func validations(
    _ value: (EpochRecord.Validation) -> Double
  ) -> [(x: Double, y: Double)] {
    findings.epochs.compactMap { epoch in
      epoch.validation.map { (Double(epoch.epoch), value($0)) }
    }
  }

  private func chart(
    _ title: String, unit: String = "", isEven: Bool = false, height: Double = 280,
    _ series: [LineChart.Series], note: String, value: (EpochRecord) -> String
  ) -> Markup {
    let drawn = series.filter { series in series.points.contains { $0.y.isFinite } }
    guard !drawn.isEmpty else { return Self.nothing }
    let missing = series.reduce(0) { $0 + $1.points.count { !$0.y.isFinite } }
    let chart = LineChart(
      title: title, xName: "epoch", unit: unit, isEven: isEven, height: height, series: drawn,
      notes: notes(value))
    return markup {
      element("p", ["class": "note"]) {
        note
        if chart.isLogarithmic { " The axis is logarithmic." }
        if missing > 0 { " \(counted(missing, "value is", "values are")) not finite and left out." }
      }
      chart.markup
    }
  }

  private static let maxNotes = 200

  /// Tooltips of the epochs, or of every n-th with many.
  private func notes(_ value: (EpochRecord) -> String) -> [LineChart.Note] {
    let every = (findings.epochs.count + Self.maxNotes - 1) / Self.maxNotes
    return findings.epochs.enumerated().compactMap { place, epoch in
      guard (place + 1).isMultiple(of: max(1, every)) else { return nil }
      let (middle, half) = (Double(epoch.epoch), Double(every) / 2)
      return (middle - half...middle + half, "Epoch \(grouped(epoch.epoch)): " + value(epoch))
    }
  }
}
