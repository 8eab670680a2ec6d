import DeepLayerAggregation
import Foundation
import Testing
import _DLATestSupport

/// The results of `dla evaluate`, by the real binary.
struct EvaluateCommandTests {
  private let data: EvaluationData

  init() throws { data = try EvaluationData() }

  private func evaluate(_ path: String, _ more: String...) throws -> ToolRun {
    try ToolRun(["evaluate", "--data", path] + more)
  }

  private static func object(_ run: ToolRun) throws -> [String: Any] {
    try #require(try run.json() as? [String: Any])
  }

  @Test(arguments: EvaluationData.Kind.allCases)
  func everyKindOfDatasetGivesTheSameNumbers(kind: EvaluationData.Kind) throws {
    let run = try evaluate(try data.write(kind), "--json")
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
    #expect(run.output.hasSuffix("}\n") && run.output.count { $0 == "\n" } == 1)
    let row = try Self.object(run)
    #expect(row["images"] as? Int == EvaluationData.count)
    #expect(row["failed"] as? Int == 0 && (row["failures"] as? [Any])?.isEmpty == true)
    #expect(row["top1_correct"] as? Int == EvaluationData.top1)
    #expect(row["top5_correct"] as? Int == EvaluationData.top5)
    func number(_ key: String) throws -> Double { try #require(row[key] as? Double) }
    #expect(abs(try number("top1") - 100.0 / 3) < 1e-9)
    #expect(abs(try number("top5") - 200.0 / 3) < 1e-9)
    let loss: Double = data.samples.map(\.loss).reduce(0, +) / Double(EvaluationData.count)
    #expect(abs(try number("loss") - loss) < 1e-4)
    #expect(try number("images_per_second") > 0)
    // proportion_confint(6, 18, method="wilson") of statsmodels 0.15.
    let interval = try #require(row["top1_interval"] as? [Double])
    #expect(abs(interval[0] - 16.27877475083369) < 1e-9)
    #expect(abs(interval[1] - 56.2505327040549) < 1e-9)
  }

  @Test func theTableHasTheSameNumbers() throws {
    let run = try evaluate(try data.write(.folders))
    #expect(run.status == 0 && run.errors.isEmpty)
    for words in [
      "dla46_c", "33.33 %  6 correct  (95% CI 16.28 to 56.25)",
      "66.67 %  12 correct  (95% CI 43.75 to 83.72)", "loss", "images/s",
    ] {
      #expect(run.output.contains(words), "\(words): \(run.output)")
    }
    #expect(!run.output.contains("failed") && !run.output.contains("\u{1B}"))
  }

  @Test(arguments: [("1", "1"), ("5", "3"), ("64", "2")])
  func batchesAndThreadsMakeNoDifference(batchSize: String, threads: String) throws {
    let output = data.folder.path("out.csv")
    let run = try evaluate(
      try data.write(.list), "--batch-size", batchSize, "--threads", threads, "--decode-threads",
      threads, "--predictions", output)
    #expect(run.status == 0, "\(run.errors)")
    try expectPredictions(data.outcomes(output), data.samples)
  }

  @Test func predictionsAreOneRowPerImage() throws {
    let output = data.folder.path("out.csv")
    #expect(try evaluate(try data.write(.shard), "--predictions", output).status == 0)
    try expectPredictions(data.outcomes(output), data.samples)
    let lines = try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == EvaluationData.count + 1)
    #expect(lines[0].hasPrefix("file,label,label_name,top1,top1_name,top1_probability,top2,"))
    let first = data.samples[0]
    #expect(
      lines[1].hasPrefix(
        "all.tar/p0,\(first.label),\(data.classes[first.label]),\(first.label),"
          + "\(data.classes[first.label]),"))
  }

  private func expectPredictions(_ outcomes: [Outcome], _ samples: [EvaluationData.Sample]) throws {
    try #require(outcomes.count == samples.count)
    for (outcome, sample) in zip(outcomes, samples) {
      #expect(outcome.name.contains(sample.name.dropLast(4)))
      #expect(outcome.label == sample.label)
      guard case .predictions(let predictions, let loss) = outcome.classification else {
        Issue.record("\(outcome.name) failed")
        continue
      }
      #expect(predictions.map(\.index) == sample.predictions.prefix(5).map(\.index))
      for (prediction, expected) in zip(predictions, sample.predictions) {
        #expect(abs(prediction.probability - expected.probability) < 1e-5)
      }
      #expect(abs(loss - sample.loss) < 1e-3)
    }
  }

  @Test func aLimitEvaluatesTheFirst() throws {
    let output = data.folder.path("out.csv")
    let run = try evaluate(try data.write(.list), "--limit", "4", "--json", "--predictions", output)
    #expect(try Self.object(run)["images"] as? Int == 4)
    try expectPredictions(data.outcomes(output), Array(data.samples.prefix(4)))
    let more = try evaluate(data.folder.path("list.txt"), "--limit", "1000", "--json")
    #expect(try Self.object(more)["images"] as? Int == EvaluationData.count)
  }

  @Test(arguments: [EvaluationData.Kind.folders, .table, .pattern])
  func aSeedDecidesTheOrder(kind: EvaluationData.Kind) throws {
    let path = try data.write(kind)
    func names(_ options: String...) throws -> [String] {
      let output = data.folder.path("out.csv")
      let run = try ToolRun(["evaluate", "--data", path, "--predictions", output] + options)
      #expect(run.status == 0, "\(run.errors)")
      return try data.outcomes(output).map(\.name)
    }
    let straight = try names()
    let seeds = try (0..<3).map { try names("--shuffle-seed", "\($0)") }
    #expect(try names("--shuffle-seed", "2") == seeds[2])
    #expect(Set(seeds + [straight]).count > 2)
    for seed in seeds { #expect(seed.sorted() == straight.sorted()) }
    #expect(try names("--shuffle-seed", "2", "--limit", "5") == Array(seeds[2].prefix(5)))
  }

  @Test(arguments: ["portable", "avx2", "avx512"])
  func instructionSetsAreEquallyRight(name: String) throws {
    guard InstructionSet.available.contains(where: { $0.rawValue == name }) else { return }
    let row = try Self.object(try evaluate(try data.write(.list), "--isa", name, "--json"))
    #expect(row["top1_correct"] as? Int == EvaluationData.top1)
    #expect(row["top5_correct"] as? Int == EvaluationData.top5)
    #expect((row["settings"] as? [String: String])?["instruction_set"] == name)
  }
}
