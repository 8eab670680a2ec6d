import DLAData
import DLATensor
import DeepLayerAggregation
import Foundation
import Testing
import _DLATestSupport

/// Two classifiers on the same images, by the real binary.
struct EvaluateComparisonTests {
  private let data: EvaluationData
  /// The classes that each of the two says first of each image.
  private let first: [Int]
  private let second: [Int]
  /// A list with what the first says, but for some images what only the second says or neither.
  private let list: String

  init() throws {
    let data = try EvaluationData()
    self.data = data
    // Noise enlarged by other arithmetic gives other answers often enough.
    let names = (0..<80).map { "noise/\($0).png" }
    for (number, name) in names.enumerated() {
      var random = KeyedRandom(key: "comparison/\(number)")
      let pixels = (0..<3 * 70 * 90).map { _ in UInt8(random.next() >> 56) }
      try data.folder.write(try RGBImage(width: 90, height: 70, pixels: pixels).png(), to: name)
    }
    func answers(_ convention: Preset) throws -> [Int] {
      let classifier = try Classifier.builtIn(
        preprocessing: .init(convention: convention.convention), configuration: .init(threads: 1))
      return try names.map { name in
        let image = try classifier.preprocessor.image(path: data.folder.path(name))
        return try classifier.classifyAndWait(image, top: 1)[0].index
      }
    }
    let (first, second) = (try answers(.timm), try answers(.paddle))
    (self.first, self.second) = (first, second)
    let labels = names.indices.map { number in
      number % 5 == 4 ? (first[number] + 5) % 10 : number % 5 == 3 ? second[number] : first[number]
    }
    var lines = zip(names, labels).map { "\($0) \($1)" }
    lines.insert("none.jpg 1", at: 11)
    list = try data.list(lines)
  }

  /// How often both, one or none of the two are right.
  private var counts: [Int] {
    let labels = (try? String(contentsOfFile: list, encoding: .utf8))?.split(separator: "\n")
      .filter { !$0.hasPrefix("none") }.compactMap {
        $0.split(separator: " ").last.flatMap { Int($0) }
      }
    var counts = [0, 0, 0, 0]
    for (place, label) in (labels ?? []).enumerated() {
      counts[(first[place] == label ? 0 : 2) + (second[place] == label ? 0 : 1)] += 1
    }
    return counts
  }

  @Test func theTableIsThatOfTheTwo() throws {
    #expect(counts.reduce(0, +) == 80)
    try #require(counts[1] > 0 && counts[2] > 0, "\(counts)")
    let run = try ToolRun(
      "evaluate", "--data", list, "--json", "--compare", "timm", "paddle")
    #expect(run.status == 1 && run.errorLines.count == 2, "\(run.errors)")
    let row = try #require(try run.json() as? [String: Any])
    let found = ["both_correct", "only_a_correct", "only_b_correct", "neither_correct"]
      .compactMap { row[$0] as? Int }
    #expect(found == counts)
    var test = McNemar()
    for (place, count) in counts.enumerated() {
      for _ in 0..<count { test.add(first: place < 2, second: place % 2 == 0) }
    }
    #expect(abs(try #require(row["p_value"] as? Double) - test.pValue) < 1e-12)
    #expect(abs(try #require(row["difference"] as? Double) - 100 * test.difference) < 1e-9)
    let (a, b) = (row["a"] as? [String: Any], row["b"] as? [String: Any])
    #expect(a?["name"] as? String == "timm" && b?["name"] as? String == "paddle")
    #expect((a?["result"] as? [String: Any])?["top1_correct"] as? Int == counts[0] + counts[1])
    #expect((b?["result"] as? [String: Any])?["failed"] as? Int == 1)
  }

  @Test func textNamesTheTestAndItsP() throws {
    let run = try ToolRun("evaluate", "--data", list, "--compare", "timm", "paddle")
    for words in [
      "both right ", "only timm right ", "only paddle right ", "neither right ",
      "Top-1 of paddle less that of timm, ", "McNemar's exact test: p = ",
    ] { #expect(run.output.contains(words), "\(run.output)") }
  }

  @Test func filesOfWeightsAreCompared() throws {
    let weights = ["dla46_c", "dla46x_c"].map { data.folder.path("\($0).safetensors") }
    for path in weights {
      try writeSyntheticWeights(
        URL(filePath: path).deletingPathExtension().lastPathComponent, classes: 10, to: path)
    }
    let names = try data.folder.write(data.classes.joined(separator: "\n"), to: "names.txt")
    let run = try ToolRun(
      ["evaluate", "--data", list, "--json", "--labels", names, "--crop", "32", "--resize-short"]
        + ["32", "--limit", "10", "--compare"] + weights)
    #expect(run.status == 0, "\(run.errors)")
    let row = try #require(try run.json() as? [String: Any])
    #expect((row["b"] as? [String: Any])?["name"] as? String == weights[1])
    let copy = data.folder.path("copy.safetensors")
    try FileManager.default.copyItem(atPath: weights[0], toPath: copy)
    let same = try ToolRun(
      ["evaluate", "--data", list, "--json", "--labels", names, "--crop", "32", "--resize-short"]
        + ["32", "--limit", "10", "--compare", weights[0], copy])
    let equal = try #require(try same.json() as? [String: Any])
    #expect(equal["only_a_correct"] as? Int == 0 && equal["only_b_correct"] as? Int == 0)
    #expect(equal["p_value"] as? Double == 1)
  }

  /// A line of 60 KiB is a failure of both, and what follows it counts.
  @Test func longNamesLoseNothing() throws {
    let lines = try String(contentsOfFile: list, encoding: .utf8)
    let path = try data.folder.write(
      String(repeating: "x", count: 60_000) + " 99\n" + lines, to: "long")
    let run = try ToolRun("evaluate", "--data", path, "--json", "--compare", "timm", "paddle")
    let row = try #require(try run.json() as? [String: Any])
    let found = ["both_correct", "only_a_correct", "only_b_correct", "neither_correct"]
      .compactMap { row[$0] as? Int }
    #expect(found == counts)
  }

  @Test func aComparisonThatIsInterruptedGoesOn() throws {
    let cache = data.folder.path("cache")
    let options = ["evaluate", "--data", list, "--json", "--compare", "timm", "paddle", "--resume"]
    let expected = try ToolRun(options.dropLast())
    // Only the first of the two was done when the image that is missing ended it.
    let strict = try ToolRun(options + ["--strict"], cache: cache)
    #expect(strict.status == 1 && strict.output.isEmpty)
    let resumed = try ToolRun(options, cache: cache)
    #expect(resumed.status == 1)
    let rows = try [expected, resumed].map { run in
      let row = try #require(try run.json() as? [String: Any])
      return ["both_correct", "only_a_correct", "only_b_correct", "p_value"].map {
        (row[$0] as? NSNumber)?.doubleValue
      }
    }
    #expect(rows[0] == rows[1] && rows[0].allSatisfy { $0 != nil })
  }
}
