import DLAData
import DLAText

/// A confusion matrix of many classes: an image whose pixels are counts.
struct ConfusionImage {
  /// How many classes share a pixel along each side.
  let block: Int

  private let classes: Int
  /// Pixels along each side.
  private let side: Int
  /// What each pixel stands for, row after row.
  private let counts: [Int]
  private let largest: Int

  /// The longest side of the image, in its pixels; with more classes, some share a pixel.
  private static let longestSide = 256
  /// The side that pixels are enlarged up to, in pixels of the page.
  private static let goodSide = 520
  private static let margin = (left: 56.0, top: 8.0, right: 12.0, bottom: 60.0)
  private static let titlePlace = 14.0
  private static let mark = 5.0

  init(_ matrix: ConfusionMatrix) {
    classes = matrix.classes
    block = max(1, (classes + Self.longestSide - 1) / Self.longestSide)
    side = (classes + block - 1) / block
    var counts = [Int](repeating: 0, count: side * side)
    for label in 0..<classes {
      for guess in 0..<classes {
        counts[label / block * side + guess / block] += matrix[label, guess]
      }
    }
    self.counts = counts
    largest = counts.max() ?? 0
  }

  /// The image with its axes and colours, for pages that are light and for those that are dark.
  ///
  /// - Throws: ``ImageError`` if the image can't be encoded.
  func markup() throws(ImageError) -> Markup {
    var parts: [Markup] = []
    for ground in ColorScale.Ground.allCases {
      let scale = ColorScale(on: ground, upTo: largest)
      let picture = try image(scale).png()
      parts.append(
        element("div", ["class": ground == .light ? "for-light" : "for-dark"]) {
          chart(dataAddress(picture, type: "image/png"))
          legend(scale)
        })
    }
    return Markup(joining: parts)
  }

  private func image(_ scale: ColorScale) -> RGBImage {
    var pixels: [UInt8] = []
    pixels.reserveCapacity(3 * counts.count)
    for count in counts {
      let color = scale[count]
      pixels.append(color.x)
      pixels.append(color.y)
      pixels.append(color.z)
    }
    return RGBImage(width: side, height: side, pixels: pixels)
  }

  private func chart(_ address: String) -> Markup {
    let margin = Self.margin
    let size = Double(side * max(1, Self.goodSide / side))
    // The last pixel of a side may stand for fewer classes than the others.
    let domain = 0...Double(side * block)
    let plot = Plot(
      x: Scale(domain, from: margin.left, to: margin.left + size),
      // The first class stands at the top.
      y: Scale(domain, from: margin.top, to: margin.top + size))
    let ticks = countTicks(upTo: classes, steps: 6).filter { $0 < classes }
    let (bottom, middle) = (margin.top + size, size / 2)
    return drawing(
      width: margin.left + size + margin.right, height: bottom + margin.bottom,
      title: "Confusion matrix of \(classes) classes"
    ) {
      element(
        "image",
        [
          "class": "pixels", "href": address, "x": pixels(margin.left), "y": pixels(margin.top),
          "width": pixels(size), "height": pixels(size), "preserveAspectRatio": "none",
        ])
      for tick in ticks {
        let (x, y) = (plot.x(Double(tick) + 0.5), plot.y(Double(tick) + 0.5))
        line("mark", (margin.left - Self.mark, y), (margin.left, y))
        text("tick end", (margin.left - 8, y + 4), "\(tick)")
        line("mark", (x, bottom), (x, bottom + Self.mark))
        text("tick middle", (x, bottom + 18), "\(tick)")
      }
      text("axis middle", (margin.left + middle, bottom + 40), "taken for class")
      text(
        "axis middle", (Self.titlePlace, margin.top + middle), "images of class", turned: -90)
    }
  }

  /// Which colour stands for how many images.
  private func legend(_ scale: ColorScale) -> Markup {
    let (width, height, steps) = (240.0, 12.0, 48)
    let left = Self.margin.left
    return drawing(
      width: left + width + Self.margin.right, height: 40, title: "Colours of the counts",
      shrinks: true
    ) {
      for step in 0..<steps {
        let color = scale.color(at: (Double(step) + 0.5) / Double(steps))
        element(
          "rect",
          [
            "x": pixels(left + Double(step) * width / Double(steps)), "y": "0",
            // Some wider, so that no seam shows.
            "width": pixels(width / Double(steps) + (step < steps - 1 ? 1 : 0)),
            "height": pixels(height), "fill": "rgb(\(color.x), \(color.y), \(color.z))",
          ])
      }
      text("tick", (left, height + 18), "1 image")
      text("tick end", (left + width, height + 18), grouped(max(2, largest)))
    }
  }
}
