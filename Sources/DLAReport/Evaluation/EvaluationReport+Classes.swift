import DLAData
import DLAText

extension EvaluationReport {
  /// With more classes, the best and worst are shown first.
  private static let maxShown = 40
  private static let worstShown = 20
  private static let bestShown = 10
  /// The maximum number of rows; more slow down browsers.
  private static let maxListed = 25_000

  var classSection: Markup {
    // Classes without images come last.
    let order = order { $0.accuracy ?? 2 }
    let nonEmpty = order.filter { findings.classes[$0].count > 0 }
    let best = self.order { -($0.accuracy ?? -1) }
    return markup {
      if nonEmpty.isEmpty {
        Self.nothing
      } else {
        element("p", ["class": "note"]) {
          "The accuracy of each class, the worst first; the line in a bar is the 95% confidence "
          "interval."
          if nonEmpty.count < order.count {
            " Of \(grouped(order.count)) classes \(grouped(nonEmpty.count)) have images."
          }
        }
      }
      if order.count <= Self.maxShown {
        classTable(order)
      } else if nonEmpty.count <= Self.maxShown {
        if !nonEmpty.isEmpty { classTable(nonEmpty) }
        allClasses(order)
      } else {
        element("h3") { "The \(Self.worstShown) worst" }
        classTable(nonEmpty.prefix(Self.worstShown))
        element("h3") { "The \(Self.bestShown) best" }
        classTable(best.prefix(Self.bestShown))
        allClasses(order)
      }
    }
  }

  /// The classes sorted by a key; ties by image count.
  private func order(_ key: (EvaluationFindings.ClassCount) -> Double) -> [Int] {
    let keys = findings.classes.map { (key($0), -$0.count) }
    return keys.indices.sorted { (keys[$0].0, keys[$0].1, $0) < (keys[$1].0, keys[$1].1, $1) }
  }

  private func allClasses(_ order: [Int]) -> Markup {
    let listed = order.prefix(Self.maxListed)
    return element("details") {
      element("summary") {
        listed.count == order.count
          ? "All \(grouped(order.count)) classes"
          : "The \(grouped(listed.count)) worst of \(grouped(order.count)) classes"
      }
      classTable(listed)
    }
  }

  private func classTable(_ order: some Collection<Int>) -> Markup {
    element("div", ["class": "scroll"]) {
      element("table", ["class": "classes sortable"]) {
        element("thead") {
          element("tr") {
            element("th", ["class": "named"]) { "Class" }
            element("th", ["class": "number barred"]) { "Accuracy" }
            element("th", ["class": "named"]) { "Most frequent confusion" }
            element("th", ["class": "number"]) { "Images" }
            element("th", ["class": "number"]) { "Index" }
          }
        }
        element("tbody") {
          for index in order { classRow(index) }
        }
      }
    }
  }

  private func classRow(_ index: Int) -> Markup {
    let result = findings.classes[index]
    let confusion = findings.matrix?.confusion(of: index)
    return element("tr") {
      element("td") { className(index) }
      element("td", ["class": "number"]) {
        element("div", ["class": "measure", "title": words(result)]) {
          bar(result)
          element("span") { percent(result.accuracy) }
        }
      }
      element("td") {
        if let confusion {
          className(confusion.prediction)
          element("span", ["class": "quiet"]) {
            " \(percent(Double(confusion.count) / Double(result.count)))"
          }
        } else {
          "–"
        }
      }
      element("td", ["class": "number"]) { grouped(result.count) }
      element("td", ["class": "number quiet"]) { "\(index)" }
    }
  }

  /// A class name with its identifier as a tooltip.
  func className(_ index: Int) -> Markup {
    element(
      "bdi",
      ["title": classes.identifiers.isEmpty ? nil : shortened(classes.identifiers[index], to: 120)]
    ) { Markup.text(classes.name(index), limit: 120) }
  }

  /// The tooltip of a bar; outside of the cell's text, which is the sorting key.
  private func words(_ result: EvaluationFindings.ClassCount) -> String? {
    guard result.count > 0 else { return nil }
    return "\(grouped(result.correct)) of \(grouped(result.count)), 95% CI "
      + interval(result.correct, of: result.count) + "\u{A0}%"
  }

  private func bar(_ result: EvaluationFindings.ClassCount) -> Markup {
    guard let accuracy = result.accuracy else { return Markup(joining: []) }
    let bounds = Tally.wilsonInterval(result.correct, of: result.count)
    func width(_ share: Double) -> String { fixed(share * 100, 1) + "%" }
    return element("svg", ["class": "bar", "aria-hidden": "true"]) {
      element("rect", ["class": "share", "width": width(accuracy)])
      element(
        "rect",
        [
          "class": "interval", "x": width(bounds.lowerBound),
          "width": width(bounds.upperBound - bounds.lowerBound),
        ])
    }
  }
}
