import DLAData
import DLAText

extension EvaluationReport {
  private static let maxConfusions = 20

  func confusionSection() throws(ImageError) -> Markup {
    guard findings.tally.images > 0 else { return Self.nothing }
    guard let matrix = findings.matrix else {
      return element("p", ["class": "note"]) {
        "The confusion matrix is not shown: it is limited to "
        "\(grouped(ConfusionMatrix.maxClasses)) classes, there are \(grouped(classes.count))."
      }
    }
    let isSmall = matrix.classes <= ConfusionDrawing.maxClasses
    let (note, drawing) =
      isSmall
      ? (drawingNote, ConfusionDrawing(matrix: matrix, names: classes).markup)
      : try imageNote(ConfusionImage(matrix))
    return markup {
      element("p", ["class": "note"]) { note }
      element("div", ["class": "sides"]) {
        element("div") { drawing }
        frequentConfusions(matrix)
      }
    }
  }

  private var drawingNote: Markup {
    markup {
      "Rows are true classes, columns predicted classes. "
      key("right")
      " Correct predictions, colored by their share of the row; "
      key("wrong")
      " confusions, colored relative to the most frequent one."
    }
  }

  private func imageNote(
    _ image: ConfusionImage
  ) throws(ImageError) -> (note: Markup, drawing: Markup) {
    let note = markup {
      "Rows are true classes, columns predicted classes, by index: correct predictions are on the "
      "diagonal. Colors show the logarithm of the count."
      if image.block > 1 {
        " Each pixel is the sum over \(image.block)×\(image.block) pairs of classes."
      }
    }
    return (note, try image.markup())
  }

  private func key(_ kind: StaticString) -> Markup { element("span", ["class": "key \(kind)"]) }

  private func frequentConfusions(_ matrix: ConfusionMatrix) -> Markup {
    let confusions = matrix.confusions(limit: Self.maxConfusions)
    return element("div") {
      element("h3") { "Most frequent confusions" }
      if confusions.isEmpty {
        element("p", ["class": "note"]) { "None: all predictions are correct." }
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
            element("th") { "True class" }
            element("th") { "Predicted class" }
            element("th", ["class": "number"]) { "Count" }
            element("th", ["class": "number"]) { "Share" }
          }
        }
        element("tbody") {
          for confusion in confusions {
            element("tr") {
              element("td") { className(confusion.label) }
              element("td") { className(confusion.prediction) }
              element("td", ["class": "number"]) { grouped(confusion.count) }
              element("td", ["class": "number"]) {
                percent(Double(confusion.count) / Double(findings.classes[confusion.label].count))
              }
            }
          }
        }
      }
    }
  }
}

/// A pair of a true and another predicted class.
struct Confusion {
  let label: Int
  let prediction: Int
  let count: Int
}

extension ConfusionMatrix {
  /// The most frequent confusions in descending order; ties by class index.
  func confusions(limit: Int) -> [Confusion] {
    var found: [Confusion] = []
    for label in 0..<classes {
      for prediction in 0..<classes where prediction != label {
        let count = self[label, prediction]
        guard count > 0, found.count < limit || count > found[limit - 1].count else { continue }
        if found.count == limit { found.removeLast() }
        let behind = found.firstIndex { $0.count < count }
        found.insert(
          Confusion(label: label, prediction: prediction, count: count),
          at: behind ?? found.endIndex)
      }
    }
    return found
  }

  /// The most frequent confusion of a class; nil if there is none.
  func confusion(of label: Int) -> Confusion? {
    var most: Confusion?
    for prediction in 0..<classes
    where prediction != label && self[label, prediction] > most?.count ?? 0 {
      most = Confusion(label: label, prediction: prediction, count: self[label, prediction])
    }
    return most
  }
}
