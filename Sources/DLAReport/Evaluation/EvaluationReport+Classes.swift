import DLAData
import DLAText

extension EvaluationReport {
  /// With more classes than this, the ends of the list stand before the whole of it.
  private static let maxShown = 40
  private static let worstShown = 20
  private static let bestShown = 10
  /// Rows of the whole list; with more, browsers take long to open the page.
  private static let maxListed = 25_000

  /// How well each class is recognised, the worst first.
  var classSection: Markup {
    // Those without images come last.
    let order = order { $0.accuracy ?? 2 }
    let answered = order.filter { findings.classes[$0].count > 0 }
    let best = self.order { -($0.accuracy ?? -1) }
    return markup {
      if answered.isEmpty {
        Self.nothing
      } else {
        element("p", ["class": "note"]) {
          "The share of each class's images that was recognised, the worst first; the line in a "
          "bar is the 95% interval."
          if answered.count < order.count {
            " Of \(grouped(order.count)) classes \(grouped(answered.count)) have images."
          }
        }
      }
      if order.count <= Self.maxShown {
        classTable(order)
      } else if answered.count <= Self.maxShown {
        if !answered.isEmpty { classTable(answered) }
        allClasses(order)
      } else {
        element("h3") { "The \(Self.worstShown) worst" }
        classTable(answered.prefix(Self.worstShown))
        element("h3") { "The \(Self.bestShown) best" }
        classTable(best.prefix(Self.bestShown))
        allClasses(order)
      }
    }
  }

  /// The classes by a key; of equal ones, those with more images first.
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
            element("th", ["class": "number barred"]) { "Right" }
            element("th", ["class": "named"]) { "Most often taken for" }
            element("th", ["class": "number"]) { "Images" }
            element("th", ["class": "number"]) { "No." }
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
          className(confusion.guess)
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

  /// A class as it stands in a table; pointing at it tells what files call it.
  func className(_ index: Int) -> Markup {
    element(
      "bdi",
      ["title": classes.identifiers.isEmpty ? nil : shortened(classes.identifiers[index], to: 120)]
    ) { Markup.text(classes.name(index), limit: 120) }
  }

  /// What a bar says when it is pointed at; not in the bar, where sorting would read it.
  private func words(_ result: EvaluationFindings.ClassCount) -> String? {
    guard result.count > 0 else { return nil }
    return "\(grouped(result.correct)) of \(grouped(result.count)), 95%: "
      + interval(result.correct, of: result.count) + "\u{A0}%"
  }

  private func bar(_ result: EvaluationFindings.ClassCount) -> Markup {
    guard let accuracy = result.accuracy else { return Markup(joining: []) }
    let bounds = wilsonInterval(result.correct, of: result.count)
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
