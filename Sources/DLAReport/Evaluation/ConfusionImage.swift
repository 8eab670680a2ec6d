import DLAData
import DLAText

/// An image of a confusion matrix of many classes, whose pixels are counts.
struct ConfusionImage {
  /// The number of classes per pixel along each axis.
  let block: Int

  private let classes: Int
  /// The number of pixels along each axis.
  private let side: Int
  /// The counts of the pixels in row-major order.
  private let counts: [Int]
  private let largest: Int

  /// The maximum width of the image; with more classes, several share a pixel.
  private static let maxSide = 256
  /// The displayed width, in pixels of the page.
  private static let goodSide = 520
  private static let margin = (left: 56.0, top: 8.0, right: 12.0, bottom: 60.0)
  private static let titlePlace = 14.0
  private static let mark = 5.0

  init(_ matrix: ConfusionMatrix) {
    classes = matrix.classes
    block = max(1, (classes + Self.maxSide - 1) / Self.maxSide)
    side = (classes + block - 1) / block
    var counts = [Int](repeating: 0, count: side * side)
    for label in 0..<classes {
      for prediction in 0..<classes {
        counts[label / block * side + prediction / block] += matrix[label, prediction]
      }
    }
    self.counts = counts
    largest = counts.max() ?? 0
  }

  /// The image with axes and legend, for light and for dark pages.
  ///
  /// - Throws: ``ImageError`` if the image can't be encoded.
  func markup() throws(ImageError) -> Markup {
    var parts: [Markup] = []
    for ground in ColorScale.Ground.allCases {
      let scale = ColorScale(on: ground, upTo: largest)
      let png = try image(scale).png()
      parts.append(
        element("div", ["class": ground == .light ? "for-light" : "for-dark"]) {
          chart(dataURL(png, type: "image/png"))
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
    // The last pixel of an axis may have fewer classes than the others.
    let domain = 0...Double(side * block)
    let plot = Plot(
      x: Scale(domain, from: margin.left, to: margin.left + size),
      // The first class is at the top.
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
      text("axis middle", (margin.left + middle, bottom + 40), "predicted class")
      text("axis middle", (Self.titlePlace, margin.top + middle), "true class", rotation: -90)
    }
  }

  private func legend(_ scale: ColorScale) -> Markup {
    let (width, height, steps) = (240.0, 12.0, 48)
    let left = Self.margin.left
    return drawing(
      width: left + width + Self.margin.right, height: 40, title: "Color scale of the counts",
      shrinks: true
    ) {
      for step in 0..<steps {
        let color = scale.color(at: (Double(step) + 0.5) / Double(steps))
        element(
          "rect",
          [
            "x": pixels(left + Double(step) * width / Double(steps)), "y": "0",
            // Overlap avoids seams.
            "width": pixels(width / Double(steps) + (step < steps - 1 ? 1 : 0)),
            "height": pixels(height), "fill": "rgb(\(color.x), \(color.y), \(color.z))",
          ])
      }
      text("tick", (left, height + 18), "1 image")
      text("tick end", (left + width, height + 18), grouped(max(2, largest)))
    }
  }
}
