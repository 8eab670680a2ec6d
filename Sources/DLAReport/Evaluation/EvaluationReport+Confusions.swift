import DLAData
import DLAText

extension EvaluationReport {
  private static let maxConfusions = 20

  /// Which classes are taken for which.
  func confusionSection() throws(ImageError) -> Markup {
    guard findings.tally.images > 0 else { return Self.nothing }
    guard let matrix = findings.matrix else {
      return element("p", ["class": "note"]) {
        "Which classes are taken for which is not shown: a matrix of \(grouped(classes.count)) "
        "classes is too large, \(grouped(ConfusionMatrix.maxClasses)) are the most."
      }
    }
    let isSmall = matrix.classes <= ConfusionDrawing.maxClasses
    let (note, picture) =
      isSmall
      ? (drawingNote, ConfusionDrawing(matrix: matrix, names: classes).markup)
      : try imageNote(ConfusionImage(matrix))
    return markup {
      element("p", ["class": "note"]) { note }
      element("div", ["class": "sides"]) {
        element("div") { picture }
        frequentConfusions(matrix)
      }
    }
  }

  private var drawingNote: Markup {
    markup {
      "A row is what the images are, a column what they were taken for. "
      key("right")
      " Right answers, the stronger the more of the row; "
      key("wrong")
      " mistakes, the stronger the nearer to the most frequent one."
    }
  }

  private func imageNote(
    _ picture: ConfusionImage
  ) throws(ImageError) -> (note: Markup, picture: Markup) {
    let note = markup {
      "A row is what the images are, a column what they were taken for, both by the numbers of the "
      "classes: right answers lie on the line from the upper left to the lower right. Colours go by "
      "the logarithm of the count."
      if picture.block > 1 {
        " Each point adds up the pairs of \(picture.block) neighbouring classes each way."
      }
    }
    return (note, try picture.markup())
  }

  private func key(_ kind: StaticString) -> Markup {
    element("span", ["class": "key \(kind)"])
  }

  private func frequentConfusions(_ matrix: ConfusionMatrix) -> Markup {
    let confusions = matrix.confusions(limit: Self.maxConfusions)
    return element("div") {
      element("h3") { "Most frequent confusions" }
      if confusions.isEmpty {
        element("p", ["class": "note"]) { "There is none: every answer is right." }
      } else {
        confusionTable(confusions)
      }
    }
  }

  private func confusionTable(_ confusions: [Confusion]) -> Markup {
    element("div", ["class": "scroll"]) {
      element("table", ["class": "dense sortable"]) {
        element("thead") {
          element("tr") {
            element("th") { "Images of" }
            element("th") { "Taken for" }
            element("th", ["class": "number"]) { "Count" }
            element("th", ["class": "number"]) { "Of its class" }
          }
        }
        element("tbody") {
          for confusion in confusions {
            element("tr") {
              element("td") { className(confusion.label) }
              element("td") { className(confusion.guess) }
              element("td", ["class": "number"]) { grouped(confusion.count) }
              element("td", ["class": "number"]) {
                percent(
                  Double(confusion.count) / Double(findings.classes[confusion.label].count))
              }
            }
          }
        }
      }
    }
  }
}
