import DLAText

/// A length in a drawing.
package func pixels(_ length: Double) -> String {
  let text = fixed(length, 1)
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

package func line(
  _ kind: StaticString, _ start: (x: Double, y: Double), _ end: (x: Double, y: Double)
) -> Markup {
  element(
    "line",
    [
      "class": "\(kind)", "x1": pixels(start.x), "y1": pixels(start.y), "x2": pixels(end.x),
      "y2": pixels(end.y),
    ])
}

/// A text in a drawing; `kind` is its alignment and style.
package func text(
  _ kind: StaticString, _ place: (x: Double, y: Double), _ words: String, rotation: Double? = nil
) -> Markup {
  let (x, y) = (pixels(place.x), pixels(place.y))
  return element(
    "text",
    [
      "class": "\(kind)", "x": x, "y": y,
      "transform": rotation.map { "rotate(\(pixels($0)) \(x) \(y))" },
    ]
  ) { words }
}

/// An SVG drawing in a scrollable box, in pixels; `title` is the alternative text.
package func drawing(
  width: Double, height: Double, title: String, shrinks: Bool = false,
  @MarkupBuilder _ content: () -> Markup
) -> Markup {
  let (width, height) = (pixels(width), pixels(height))
  return element("div", ["class": "scroll"]) {
    element(
      "svg",
      [
        "class": shrinks ? "drawing shrinks" : "drawing", "role": "img", "aria-label": title,
        "viewBox": "0 0 \(width) \(height)", "width": width, "height": height,
      ], content)
  }
}
