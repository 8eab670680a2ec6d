import DLAText

/// A line chart as wide as the page.
///
/// Curves are stretched to the width of the page, texts and line widths are not scaled.
package struct LineChart {
  package struct Series {
    package enum Color: String { case first, second }
    package enum Look: String { case plain, faint, dashed, best }

    let name: String
    let color: Color
    let look: Look
    let points: [(x: Double, y: Double)]

    /// Creates a curve of points in any order; those that are not finite leave gaps.
    package init(
      _ name: String, _ color: Color, _ look: Look = .plain, points: [(x: Double, y: Double)]
    ) {
      (self.name, self.color, self.look, self.points) = (name, color, look, points)
    }
  }

  package typealias Note = (columns: ClosedRange<Double>, text: String)

  private let title: String
  private let xName: String
  private let unit: String
  private let series: [Series]
  private let notes: [Note]
  private let height: Double
  private let x: Axis
  private let y: Axis

  /// Creates a chart.
  ///
  /// `title` is the alternative text. The x axis starts at 0. The last of `series` is on top.
  package init(
    title: String, xName: String, unit: String = "", isEven: Bool = false, height: Double = 280,
    series: [Series],
    notes: [Note] = []
  ) {
    (self.title, self.xName, self.unit, self.height) = (title, xName, unit, height)
    self.series = series.filter { !$0.points.isEmpty }
    self.notes = notes
    let points = series.flatMap(\.points).filter { isDrawable($0.x) }
    let end = points.reduce(0) { max($0, $1.x) }
    x = Axis(upTo: end > 0 ? end : 1, from: 0, to: Self.width)
    y = Axis(of: points.map(\.y), from: height, to: 0, isEven: isEven)
  }

  /// The number of columns to which longer curves are reduced.
  private static let columns = 500
  /// The width of curves before they are stretched.
  private static let width = 1000.0
  /// Curves with at most this many points have dots.
  private static let fewPoints = 32
  private static let textMiddle = 4.0
  private static let gap = 8.0
  private static let footHeight = 44.0

  package var isLogarithmic: Bool { y.isLogarithmic }

  package var markup: Markup {
    DLAReport.markup {
      element("div", ["class": "legend"]) {
        for series in series {
          element("span") {
            key(series)
            series.name
          }
        }
      }
      element(
        "svg",
        [
          "class": "chart", "role": "img", "aria-label": title,
          "height": pixels(height + Self.footHeight),
        ]
      ) {
        for tick in y.ticks { row(tick) }
        for tick in x.ticks { column(tick) }
        text("axis middle", ("50%", pixels(height + Self.footHeight - 4)), xName)
        curves
      }
    }
  }

  private func row(_ tick: Plot.Tick) -> Markup {
    let place = y(tick.value) ?? height
    return DLAReport.markup {
      element(
        "line",
        ["class": "grid", "x1": "0", "x2": "100%", "y1": pixels(place), "y2": pixels(place)])
      text("tick end", (pixels(-Self.gap), pixels(place + Self.textMiddle)), tick.text + unit)
    }
  }

  private func column(_ tick: Plot.Tick) -> Markup {
    let place = fixed((x(tick.value) ?? 0) / Self.width * 100, 2) + "%"
    return text("tick middle", (place, pixels(height + 2.5 * Self.gap)), tick.text)
  }

  private func text(_ kind: StaticString, _ place: (x: String, y: String), _ words: String)
    -> Markup
  {
    element("text", ["class": "\(kind)", "x": place.x, "y": place.y]) { words }
  }

  private var curves: Markup {
    element(
      "svg",
      [
        "class": "curves", "viewBox": "0 0 \(pixels(Self.width)) \(pixels(height))",
        "preserveAspectRatio": "none", "width": "100%", "height": pixels(height),
      ]
    ) {
      for series in series { drawn(series) }
      for note in notes { box(note) }
    }
  }

  private func drawn(_ series: Series) -> Markup {
    let points = series.points.filter { isDrawable($0.x) }.sorted { $0.x < $1.x }
    let curve = Curve(
      points.map { (x: x($0.x) ?? 0, y: y($0.y)) }, width: Self.width, columns: Self.columns)
    let hasDots = series.look != .faint && points.count <= Self.fewPoints
    return DLAReport.markup {
      if series.look != .best {
        element(
          "path",
          ["class": "curve \(series.color.rawValue) \(series.look.rawValue)", "d": curve.path])
      }
      if series.look == .best || hasDots {
        element(
          "path",
          [
            "class": "curve \(series.color.rawValue) \(series.look == .best ? "best" : "dots")",
            "d": curve.dots,
          ])
      }
    }
  }

  private func box(_ note: Note) -> Markup {
    let (left, right) = (x(note.columns.lowerBound) ?? 0, x(note.columns.upperBound) ?? 0)
    let (first, last) = (max(0, left), min(Self.width, right))
    return element(
      "rect",
      [
        "class": "spot", "x": pixels(first), "y": "0", "width": pixels(max(0, last - first)),
        "height": pixels(height),
      ]
    ) { element("title") { note.text } }
  }

  /// A piece of the curve, to stand before its name.
  private func key(_ series: Series) -> Markup {
    element("svg", ["class": "piece", "width": "22", "height": "10", "aria-hidden": "true"]) {
      element(
        "path",
        [
          "class": "curve \(series.color.rawValue) \(series.look.rawValue)",
          "d": series.look == .best ? "M11 5h0" : "M2 5H20",
        ])
    }
  }
}
