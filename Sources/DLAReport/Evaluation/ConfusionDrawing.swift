import DLAData
import DLAText

/// A drawing of a confusion matrix of few classes, with names and counts.
struct ConfusionDrawing {
  /// The maximum number of classes with readable names.
  static let maxClasses = 30

  let matrix: ConfusionMatrix
  let names: ClassNames

  private static let longestName = 18
  /// The approximate width of a character of the labels, in pixels.
  private static let characterWidth = 6.6
  private static let gap = 8.0
  private static let titleHeight = 20.0
  /// The distance of the baseline below the center of a text.
  private static let textMiddle = 4.0
  /// The minimum opacity of a count above 0.
  private static let minTint = 0.06

  private var side: Double { matrix.classes <= 12 ? 50 : matrix.classes <= 20 ? 38 : 30 }
  private var margin: Double {
    let longest = (0..<matrix.classes).map { label($0).unicodeScalars.count }.max() ?? 0
    return Double(longest) * Self.characterWidth + 2 * Self.gap
  }

  private func label(_ index: Int) -> String {
    shortened(printable(names.name(index)), to: Self.longestName)
  }

  /// The drawing: rows are true classes, columns predicted classes.
  var markup: Markup {
    let count = matrix.classes
    let (left, top) = (margin, margin + Self.titleHeight)
    let size = Double(count) * side
    let rows = (0..<count).map(matrix.count(of:))
    let worst =
      (0..<count).flatMap { row in
        (0..<count).filter { $0 != row }.map { share(row, $0, of: rows[row]) }
      }.max() ?? 0
    return drawing(
      width: left + size + Self.gap, height: top + size + Self.gap,
      title: "Confusion matrix of \(count) classes"
    ) {
      text("axis middle", (left + size / 2, Self.titleHeight - Self.gap), "predicted class")
      for index in 0..<count {
        let middle = (Double(index) + 0.5) * side
        text("end", (left - Self.gap, top + middle + Self.textMiddle), label(index))
        text("name", (left + middle + Self.textMiddle, top - Self.gap), label(index), rotation: -90)
        for prediction in 0..<count {
          cell(
            index, prediction, of: rows[index], worst: worst,
            at: (left + Double(prediction) * side, top + Double(index) * side))
        }
      }
    }
  }

  private func share(_ label: Int, _ prediction: Int, of total: Int) -> Double {
    total > 0 ? Double(matrix[label, prediction]) / Double(total) : 0
  }

  /// One count of a row of `total` images; `worst` is the largest share of a confusion.
  private func cell(
    _ label: Int, _ prediction: Int, of total: Int, worst: Double, at place: (x: Double, y: Double)
  ) -> Markup {
    let count = matrix[label, prediction]
    let isCorrect = label == prediction
    let share = share(label, prediction, of: total)
    let tint = isCorrect ? share : share / max(worst, .leastNormalMagnitude)
    return element("g") {
      element("title") {
        "\(names.name(label)) predicted as \(names.name(prediction)): \(grouped(count)) of "
          + "\(grouped(total)), \(percent(total > 0 ? share : nil))"
      }
      element(
        "rect",
        [
          "class": count == 0 ? "cell none" : isCorrect ? "cell right" : "cell wrong",
          "x": pixels(place.x), "y": pixels(place.y), "width": pixels(side),
          "height": pixels(side),
          "fill-opacity": count == 0 ? nil : fixed(max(Self.minTint, tint), 2),
        ])
      if count > 0 {
        text("count", (place.x + side / 2, place.y + side / 2 + Self.textMiddle), Self.short(count))
      }
    }
  }

  /// A count in at most four characters, up to a million.
  private static func short(_ count: Int) -> String {
    switch count {
    case ..<10_000: "\(count)"
    case ..<1_000_000: "\(count / 1000)k"
    default: "\(count / 1_000_000)M"
    }
  }
}
