import DLAData

extension EvaluationReport {
  /// Images up to this side are enlarged without interpolation and stored as PNG.
  private static let tinySide = 64
  private static let quality = 82

  /// The section on the misclassified images with the highest probabilities.
  func mistakeSection() throws(ImageError) -> Markup {
    guard findings.tally.images > 0 else { return Self.nothing }
    guard !findings.mistakes.isEmpty else {
      return element("p", ["class": "note"]) { "None: all predictions are correct." }
    }
    var cards: [Markup] = []
    for mistake in findings.mistakes { cards.append(try card(mistake)) }
    return markup {
      element("p", ["class": "note"]) {
        "The misclassified images with the highest probability: in orange the prediction, below it the "
        "label. Some labels may be wrong."
      }
      element("div", ["class": "mistakes"]) { cards }
    }
  }

  private func card(_ mistake: EvaluationFindings.Mistake) throws(ImageError) -> Markup {
    let truth = mistake.predictions.first { $0.index == mistake.label }
    let thumbnail = try thumbnail(mistake)
    return element("figure") {
      element("div", ["class": "frame"]) { thumbnail }
      element("figcaption") {
        element("span", ["class": "said"]) {
          className(mistake.predictions.first?.index ?? 0)
          " " + percent(Double(mistake.probability))
        }
        element("span", ["class": "is"]) {
          "label: "
          className(mistake.label)
          element("span", ["class": "quiet"]) {
            truth.map { " \(percent(Double($0.probability)))" } ?? ", not in its Top-5"
          }
        }
        element("span", ["class": "file", "title": shortened(mistake.name, to: 400)]) {
          name(mistake.name.split(separator: "/").last.map(String.init) ?? mistake.name)
        }
      }
    }
  }

  private func thumbnail(_ mistake: EvaluationFindings.Mistake) throws(ImageError) -> Markup {
    guard let image = images[mistake.place] else {
      return element("span") { "can’t be read" }
    }
    let isTiny = max(image.width, image.height) <= Self.tinySide
    let address =
      isTiny
      ? dataURL(try image.png(), type: "image/png")
      : dataURL(try image.jpeg(quality: Self.quality), type: "image/jpeg")
    return element(
      "img",
      [
        "class": isTiny ? "tiny" : nil, "src": address, "width": "\(image.width)",
        "height": "\(image.height)", "alt": "an image of \(classes.name(mistake.label))",
      ])
  }
}
