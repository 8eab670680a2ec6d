import DLAData
import DLATensor
import DeepLayerAggregation
import Foundation
import Testing
import _DLATestSupport

/// Two classifiers on the same images, by the real binary.
struct EvaluateComparisonTests {
  private let data: EvaluationData
  /// The first predictions of both classifiers.
  private let first: [Int]
  private let second: [Int]
  /// A list whose labels are predictions of the first classifier, of the second, or of neither.
  private let list: String

  /// Images of noise, for which the predictions of the two presets often differ.
  private static let noise = Result { try makeNoise() }

  private static func makeNoise() throws -> (images: [[UInt8]], timm: [Int], paddle: [Int]) {
    let images = (0..<80).map { number in
      var random = KeyedRandom(key: "comparison/\(number)")
      let pixels = (0..<3 * 70 * 90).map { _ in UInt8(random.next() >> 56) }
      return RGBImage(width: 90, height: 70, pixels: pixels)
    }
    func predictions(_ convention: Preset) throws -> [Int] {
      let classifier = try Classifier.builtIn(
        preprocessing: .init(convention: convention.convention), configuration: .init(threads: 1))
      return try images.map { try classifier.classifyAndWait($0, top: 1)[0].index }
    }
    return (try images.map { try $0.png() }, try predictions(.timm), try predictions(.paddle))
  }

  init() throws {
    let data = try EvaluationData()
    self.data = data
    let (images, first, second) = try Self.noise.get()
    let names = images.indices.map { "noise/\($0).png" }
    for (name, image) in zip(names, images) { try data.folder.write(image, to: name) }
    (self.first, self.second) = (first, second)
    let labels = names.indices.map { number in
      number % 5 == 4 ? (first[number] + 5) % 10 : number % 5 == 3 ? second[number] : first[number]
    }
    var lines = zip(names, labels).map { "\($0) \($1)" }
    lines.insert("none.jpg 1", at: 11)
    list = try data.list(lines)
  }

  /// How often both, one or none are correct.
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
    let run = try ToolRun("evaluate", "--data", list, "--json", "--compare", "timm", "paddle")
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

  @Test func theTextHasTheTestAndItsPValue() throws {
    let run = try ToolRun("evaluate", "--data", list, "--compare", "timm", "paddle")
    for words in [
      "both correct ", "only timm correct ", "only paddle correct ", "neither correct ",
      "Top-1 difference, paddle minus timm: ", "McNemar's exact test: p = ",
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

  /// A line of 60 KiB is a failure of both; the following lines count.
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

  @Test func anInterruptedComparisonResumes() throws {
    let cache = data.folder.path("cache")
    let options = ["evaluate", "--data", list, "--json", "--compare", "timm", "paddle", "--resume"]
    let expected = try ToolRun(options.dropLast())
    // The missing image ends it during the first of the two evaluations.
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
