import DLACore
import DeepLayerAggregation

/// Two classifiers on the same pictures.
struct EvaluationComparison: CustomStringConvertible {
  private let names: [String]
  private let results: [EvaluationRun.Result]
  private let test: McNemar

  /// Brings the answers of both together, picture by picture.
  ///
  /// - Throws: `InputError` if they are not of the same pictures.
  init(_ names: [String], _ runs: [EvaluationRun], _ results: [EvaluationRun.Result]) throws {
    self.names = names
    self.results = results
    // A bit for each picture and classifier, so that a million take little.
    var first: [Bool?] = []
    try runs[0].journal.read { first.append($0.isCorrect) }
    var test = McNemar()
    var place = 0
    try runs[1].journal.read { outcome in
      if place < first.count, let a = first[place], let b = outcome.isCorrect {
        test.add(first: a, second: b)
      }
      place += 1
    }
    guard place == first.count else {
      throw InputError(
        "\(names[0]) was asked of \(first.count) pictures and \(names[1]) of \(place); did the data "
          + "change meanwhile?")
    }
    self.test = test
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
        ["both right", grouped(test.bothCorrect)],
        ["only \(printable(names[0])) right", grouped(test.onlyFirst)],
        ["only \(printable(names[1])) right", grouped(test.onlySecond)],
        ["neither right", grouped(test.neither)],
      ], alignment: [.left, .right])
    let interval = test.differenceInterval
    func points(_ share: Double) -> String { (share > 0 ? "+" : "") + fixed(share * 100, 2) }
    return """
      \(table)

      \(counts)

      Top-1 of \(printable(names[1])) less that of \(printable(names[0])): \
      \(points(test.difference)) points (95%: \(points(interval.lowerBound)) to \
      \(points(interval.upperBound)))
      McNemar's exact test: p = \(Self.probability(test.pValue)), \
      \(test.pValue < 0.05 ? "more than chance would do" : "no more than chance does")
      """
  }

  private static func probability(_ p: Double) -> String {
    p >= 0.0001 ? fixed(p, 4) : p > 0 ? "\(Float(p))" : "0"
  }

  var json: some Encodable { Row(names, results, test) }

  private struct Row: Encodable {
    let a: JSONSide
    let b: JSONSide
    let bothCorrect: Int
    let onlyACorrect: Int
    let onlyBCorrect: Int
    let neitherCorrect: Int
    let difference: Double
    let differenceInterval: [Double]
    let pValue: Double

    init(_ names: [String], _ results: [EvaluationRun.Result], _ test: McNemar) {
      a = JSONSide(names[0], results[0])
      b = JSONSide(names[1], results[1])
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

    init(_ name: String, _ result: EvaluationRun.Result) {
      self.name = name
      self.result = JSONSummary(settings: [:], result: result)
    }
  }
}
