import DLAData

extension EvaluationReport {
  /// Images with no longer side than this are enlarged without blurring, and stored as they are.
  private static let tinySide = 64
  private static let quality = 82

  /// The wrong answers that the network was most sure of.
  func mistakeSection() throws(ImageError) -> Markup {
    guard findings.tally.images > 0 else { return Self.nothing }
    guard !findings.mistakes.isEmpty else {
      return element("p", ["class": "note"]) { "There is none: every answer is right." }
    }
    var cards: [Markup] = []
    for mistake in findings.mistakes { cards.append(try card(mistake)) }
    return markup {
      element("p", ["class": "note"]) {
        "The wrong answers with the highest probability: in orange what the network said, below it "
        "what the label says. Some may be mistakes of the labels."
      }
      element("div", ["class": "mistakes"]) { cards }
    }
  }

  private func card(_ mistake: EvaluationFindings.Mistake) throws(ImageError) -> Markup {
    let truth = mistake.guesses.first { $0.index == mistake.label }
    let picture = try picture(mistake)
    return element("figure") {
      element("div", ["class": "frame"]) { picture }
      element("figcaption") {
        element("span", ["class": "said"]) {
          className(mistake.guesses.first?.index ?? 0)
          " " + percent(Double(mistake.probability))
        }
        element("span", ["class": "is"]) {
          "is "
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

  private func picture(_ mistake: EvaluationFindings.Mistake) throws(ImageError) -> Markup {
    guard let image = images[mistake.place] else {
      return element("span") { "can’t be read any more" }
    }
    let isTiny = max(image.width, image.height) <= Self.tinySide
    let address =
      isTiny
      ? dataAddress(try image.png(), type: "image/png")
      : dataAddress(try image.jpeg(quality: Self.quality), type: "image/jpeg")
    return element(
      "img",
      [
        "class": isTiny ? "tiny" : nil, "src": address, "width": "\(image.width)",
        "height": "\(image.height)", "alt": "an image of \(classes.name(mistake.label))",
      ])
  }
}
