/// The frame of a chart: two axes with their ticks and a grid, as SVG.
package struct Plot {
  /// A number of an axis and what to write beside it.
  package typealias Tick = (value: Double, text: String)

  /// From left to right.
  package let x: Scale
  /// From bottom to top.
  package let y: Scale

  /// Describes a frame.
  ///
  /// - Parameters:
  ///   - x: the axis from left to right.
  ///   - y: the axis from bottom to top.
  package init(x: Scale, y: Scale) {
    self.x = x
    self.y = y
  }

  private static let gap = 8.0
  /// How far below a place its text's base line is, so that it stands at the middle.
  private static let textMiddle = 4.0

  /// Grid lines of the upward axis, with their numbers to the left.
  ///
  /// - Parameter ticks: where.
  /// - Returns: lines and texts.
  package func rows(_ ticks: [Tick]) -> [Markup] {
    ticks.flatMap { tick in
      [
        line("grid", (x.places.first, y(tick.value)), (x.places.last, y(tick.value))),
        text(
          "tick end", (x.places.first - Self.gap, y(tick.value) + Self.textMiddle), tick.text),
      ]
    }
  }

  /// Numbers below the other axis.
  ///
  /// - Parameter ticks: where.
  /// - Returns: texts.
  package func columns(_ ticks: [Tick]) -> [Markup] {
    ticks.map { text("tick middle", (x($0.value), y.places.first + 2.5 * Self.gap), $0.text) }
  }

  /// A rectangle between numbers of both axes.
  ///
  /// - Parameters:
  ///   - kind: its class.
  ///   - columns: from and to on the axis to the right.
  ///   - rows: from and to on the axis upward.
  ///   - inset: pixels that it is narrower on both sides.
  ///   - title: what it says when it is pointed at; may be nil.
  /// - Returns: the rectangle.
  package func box(
    _ kind: StaticString, columns: ClosedRange<Double>, rows: ClosedRange<Double>,
    inset: Double = 0, title: String? = nil
  ) -> Markup {
    let (left, right) = (x(columns.lowerBound) + inset, x(columns.upperBound) - inset)
    let (bottom, top) = (y(rows.lowerBound), y(rows.upperBound))
    return element(
      "rect",
      [
        "class": "\(kind)", "x": pixels(left), "y": pixels(top),
        "width": pixels(max(0, right - left)), "height": pixels(max(0, bottom - top)),
      ]
    ) {
      if let title { element("title") { title } }
    }
  }
}
