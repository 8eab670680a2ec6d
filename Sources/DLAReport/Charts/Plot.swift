/// The frame of a chart: two axes with ticks and a grid, as SVG.
package struct Plot {
  /// A number of an axis and its text.
  package typealias Tick = (value: Double, text: String)

  package let x: Scale
  package let y: Scale

  private static let gap = 8.0
  /// The distance of the baseline below the center of a text.
  private static let textMiddle = 4.0

  /// The grid lines of the y axis with their numbers.
  package func rows(_ ticks: [Tick]) -> [Markup] {
    ticks.flatMap { tick in
      [
        line("grid", (x.places.first, y(tick.value)), (x.places.last, y(tick.value))),
        text("tick end", (x.places.first - Self.gap, y(tick.value) + Self.textMiddle), tick.text),
      ]
    }
  }

  package func columns(_ ticks: [Tick]) -> [Markup] {
    ticks.map { text("tick middle", (x($0.value), y.places.first + 2.5 * Self.gap), $0.text) }
  }

  /// A rectangle in the coordinates of the axes, with a margin in pixels on both sides and a
  /// tooltip.
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

/// A linear map from the numbers of an axis to positions.
package struct Scale: Sendable {
  /// The numbers at the ends of the axis.
  package let domain: ClosedRange<Double>
  /// The positions of the ends, in pixels; the first is the larger one on y axes.
  package let places: (first: Double, last: Double)

  /// Creates a scale from numbers to positions in pixels.
  package init(_ domain: ClosedRange<Double>, from first: Double, to last: Double) {
    self.domain = domain
    places = (first, last)
  }

  /// The position of a number in pixels; the lower end on an axis without length.
  package func callAsFunction(_ value: Double) -> Double {
    let length = domain.upperBound - domain.lowerBound
    guard length > 0 else { return places.first }
    return places.first + (value - domain.lowerBound) / length * (places.last - places.first)
  }
}

/// Ticks of an axis of counts, from 0 to a round number that is not below the largest count.
///
/// `steps` is their maximum number, at least 2.
///
/// - Returns: multiples of 1, 2 or 5 times a power of ten; at least 0 and 1.
package func countTicks(upTo largest: Int, steps: Int = 4) -> [Int] {
  var power = 1
  while true {
    for factor in [1, 2, 5] where factor * power * steps >= largest {
      let step = factor * power
      return (0...max(1, (largest + step - 1) / step)).map { $0 * step }
    }
    power *= 10
  }
}
