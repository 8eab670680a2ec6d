import DLAData
import DLAText

/// A reliability diagram: accuracy by probability, and a histogram of the predictions.
struct ReliabilityDiagram {
  let calibration: Calibration

  private static let size = (width: 456.0, height: 552.0)
  private static let left = 52.0
  private static let right = 428.0
  private static let accuracy = (top: 12.0, bottom: 372.0)
  private static let counts = (top: 412.0, bottom: 492.0)
  private static let titlePlace = 14.0
  private static let inset = 1.0

  var markup: Markup {
    let x = Scale(0...1, from: Self.left, to: Self.right)
    let plot = Plot(x: x, y: Scale(0...1, from: Self.accuracy.bottom, to: Self.accuracy.top))
    let largest = calibration.bins.map(\.count).max() ?? 0
    let ticks = countTicks(upTo: largest, steps: 2)
    let histogram = Plot(
      x: x,
      y: Scale(0...Double(ticks.last ?? 1), from: Self.counts.bottom, to: Self.counts.top))
    let shares = stride(from: 0, through: 100, by: 20).map {
      (value: Double($0) / 100, text: "\($0)%")
    }
    let middle = (Self.left + Self.right) / 2
    return drawing(
      width: Self.size.width, height: Self.size.height,
      title: "Accuracy by probability", shrinks: true
    ) {
      plot.rows(shares)
      plot.columns(shares)
      histogram.rows(ticks.map { (value: Double($0), text: grouped($0)) })
      histogram.columns(shares)
      for (place, bin) in calibration.bins.enumerated() { bars(place, bin, plot, histogram) }
      line("ideal", (plot.x(0), plot.y(0)), (plot.x(1), plot.y(1)))
      text(
        "axis middle", (Self.titlePlace, (Self.accuracy.top + Self.accuracy.bottom) / 2),
        "accuracy", rotation: -90)
      text(
        "axis middle", (middle, Self.size.height - Self.titlePlace),
        "probability of the prediction")
    }
  }

  private func bars(
    _ place: Int, _ bin: Calibration.Bin, _ plot: Plot, _ histogram: Plot
  ) -> [Markup] {
    guard let accuracy = bin.accuracy, let confidence = bin.confidence else { return [] }
    let count = Double(calibration.bins.count)
    let columns = Double(place) / count...Double(place + 1) / count
    let title =
      "Probability \(fixed(columns.lowerBound * 100, 1)) to \(percent(columns.upperBound)): "
      + "\(counted(bin.count, "prediction", "predictions")), mean probability \(percent(confidence)), "
      + "accuracy \(percent(accuracy))"
    let (left, right) = (plot.x(columns.lowerBound), plot.x(columns.upperBound))
    return [
      plot.box("bin", columns: columns, rows: 0...accuracy, inset: Self.inset),
      line(
        "confidence", (left + Self.inset, plot.y(confidence)),
        (right - Self.inset, plot.y(confidence))),
      plot.box("hidden", columns: columns, rows: 0...1, title: title),
      histogram.box(
        "histogram", columns: columns, rows: 0...Double(bin.count), inset: Self.inset,
        title: title),
    ]
  }
}
