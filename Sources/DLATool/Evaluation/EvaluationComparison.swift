import DLAData
import DLAText
import DeepLayerAggregation

/// The comparison of two classifiers on the same images.
struct EvaluationComparison: CustomStringConvertible {
  private let names: [String]
  private let runs: [EvaluationRun]
  private let results: [EvaluationRun.Result]
  private let test: McNemar

  /// Compares the predictions of both for each image.
  ///
  /// - Throws: `InputError` if they are of different images.
  init(_ names: [String], _ runs: [EvaluationRun], _ results: [EvaluationRun.Result]) throws {
    (self.names, self.runs, self.results) = (names, runs, results)
    test = try Self.test(runs)
  }

  private static func test(_ runs: [EvaluationRun]) throws -> McNemar {
    let second = try runs[1].journal.outcomes()
    var test = McNemar()
    var place = 0
    try runs[0].journal.read { first in
      place += 1
      guard let second = second.next(), second.name == first.name, second.label == first.label
      else { throw InputError(notTheSame(place)) }
      if let a = first.isCorrect, let b = second.isCorrect { test.add(first: a, second: b) }
    }
    guard second.next() == nil else { throw InputError(notTheSame(place + 1)) }
    guard test.count > 0 else {
      throw InputError("no image was classified by both models, there is nothing to compare")
    }
    return test
  }

  private static func notTheSame(_ place: Int) -> String {
    "image \(place) differs between the two evaluations; did the data change?"
  }

  var description: String {
    let accuracies = zip(names, results).map { name, result in
      [
        printable(name), EvaluationSummary.share(result.tally.top1Correct, result.tally.images),
        EvaluationSummary.share(result.tally.top5Correct, result.tally.images),
        result.tally.loss.map { fixed($0, 4) } ?? "–", grouped(result.tally.failed),
      ]
    }
    let table = Table(
      header: ["", "Top-1", "Top-5", "loss", "failed"], rows: accuracies,
      alignment: [.left, .left, .left, .right, .right])
    let counts = Table(
      rows: [
        ["classified by both", grouped(test.count)],
        ["both correct", grouped(test.bothCorrect)],
        ["only \(printable(names[0])) correct", grouped(test.onlyFirst)],
        ["only \(printable(names[1])) correct", grouped(test.onlySecond)],
        ["neither correct", grouped(test.neither)],
      ], alignment: [.left, .right])
    let interval = test.differenceInterval
    func points(_ share: Double) -> String { (share > 0 ? "+" : "") + fixed(share * 100, 2) }
    return """
      \(data)

      \(table)

      \(counts)

      Top-1 difference, \(printable(names[1])) minus \(printable(names[0])): \
      \(points(test.difference)) points (95% CI \(points(interval.lowerBound)) to \
      \(points(interval.upperBound)))
      McNemar's exact test: p = \(Self.probability(test.pValue)), \
      \(test.pValue < 0.05 ? "significant" : "not significant") at 0.05
      """
  }

  /// The settings of both; different values are separated by a bar.
  private var data: Table {
    let rows = zip(runs[0].settings.rows, runs[1].settings.rows).map { a, b in
      [
        a.name,
        a.value == b.value
          ? printablePath(a.value) : "\(printablePath(a.value)) | \(printablePath(b.value))",
      ]
    }
    let shown = rows.filter { EvaluationSummary.shownSettings.contains($0[0]) }
    return Table(rows: shown, alignment: [.left, .left])
  }

  private static func probability(_ p: Double) -> String {
    p >= 0.0001 ? fixed(p, 4) : p > 0 ? "\(Float(p))" : "0"
  }

  var json: some Encodable { Row(names, runs, results, test) }

  private struct Row: Encodable {
    let a: JSONSide
    let b: JSONSide
    let classifiedByBoth: Int
    let bothCorrect: Int
    let onlyACorrect: Int
    let onlyBCorrect: Int
    let neitherCorrect: Int
    let difference: Double
    let differenceInterval: [Double]
    let pValue: Double

    init(
      _ names: [String], _ runs: [EvaluationRun], _ results: [EvaluationRun.Result],
      _ test: McNemar
    ) {
      a = JSONSide(name: names[0], result: EvaluationSummary(runs[0], results[0]).fields)
      b = JSONSide(name: names[1], result: EvaluationSummary(runs[1], results[1]).fields)
      classifiedByBoth = test.count
      bothCorrect = test.bothCorrect
      onlyACorrect = test.onlyFirst
      onlyBCorrect = test.onlySecond
      neitherCorrect = test.neither
      difference = test.difference * 100
      let interval = test.differenceInterval
      differenceInterval = [interval.lowerBound * 100, interval.upperBound * 100]
      pValue = test.pValue
    }
  }

  private struct JSONSide: Encodable {
    let name: String
    let result: JSONSummary
  }
}
