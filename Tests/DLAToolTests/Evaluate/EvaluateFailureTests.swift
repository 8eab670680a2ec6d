import DeepLayerAggregation
import Foundation
import Testing
import _DLATestSupport

/// Errors of `dla evaluate` in data and options, by the real binary.
struct EvaluateFailureTests {
  private let data: EvaluationData

  init() throws { data = try EvaluationData() }

  private func evaluate(_ path: String, _ more: String...) throws -> ToolRun {
    try ToolRun(["evaluate", "--data", path] + more)
  }

  private static func object(_ run: ToolRun) throws -> [String: Any] {
    try #require(try run.json() as? [String: Any])
  }

  /// The list with three different errors.
  private func brokenList() throws -> String {
    try data.folder.write("not an image", to: "images/text.jpg")
    var lines = data.samples.map { "images/\($0.name) \($0.label)" }
    lines.insert("images/none.jpg 1", at: 2)
    lines.insert("images/text.jpg 1", at: 8)
    lines.insert("images/\(data.samples[0].name) nothing", at: 16)
    return try data.list(lines)
  }

  @Test func failuresAreCountedAndNamedAndTheRestIsEvaluated() throws {
    let output = data.folder.path("out.csv")
    let run = try evaluate(try brokenList(), "--json", "--predictions", output)
    #expect(run.status == 1)
    let folder = data.folder.path("images")
    try #require(run.errorLines.count == 3, "\(run.errors)")
    #expect(run.errorLines[0].hasPrefix("dla: \(folder)/none.jpg: "))
    #expect(run.errorLines[1].hasPrefix("dla: \(folder)/text.jpg: "))
    #expect(
      run.errorLines[2].hasPrefix("dla: \(folder)/p0.png: label \"nothing\" "), "\(run.errors)")
    #expect(run.errorLines[2].contains("line 17"))
    let row = try Self.object(run)
    #expect(row["images"] as? Int == EvaluationData.count && row["failed"] as? Int == 3)
    #expect(row["top1_correct"] as? Int == EvaluationData.top1)
    #expect(row["failures"] as? [String] == run.errorLines.map { String($0.dropFirst(5)) })
    let outcomes = try data.outcomes(output)
    #expect(outcomes.count == EvaluationData.count + 3)
    for place in [2, 8, 16] { #expect(outcomes[place].isCorrect == nil) }
    #expect(outcomes[2].label == 1 && outcomes[16].label == nil)
    #expect(try evaluate(data.folder.path("list.txt")).output.contains(#/failed +3\n/#))
  }

  @Test func strictStopsAtTheFirst() throws {
    let run = try evaluate(try brokenList(), "--json", "--strict")
    #expect(run.status == 1 && run.output.isEmpty)
    #expect(run.errorLines.count == 1 && run.errors.contains("images/none.jpg: "))
    #expect(try evaluate(try data.write(.shard), "--strict").status == 0)
  }

  /// A failed sample is evaluated again once it is repaired.
  @Test func strictResumesWithRepairedSamples() throws {
    let list = try brokenList()
    let cache = data.folder.path("cache")
    func run() throws -> ToolRun {
      try ToolRun("evaluate", "--data", list, "--strict", "--resume", "--json", cache: cache)
    }
    #expect(try run().errors.contains("images/none.jpg: "))
    try data.folder.write(data.samples[0].bytes, to: "images/none.jpg")
    #expect(try run().errors.contains("images/text.jpg: "))
    try data.folder.write(data.samples[0].bytes, to: "images/text.jpg")
    #expect(try run().errors.contains("line 17"))
    let limited = try ToolRun(
      "evaluate", "--data", list, "--strict", "--resume", "--json", "--limit", "16", cache: cache)
    #expect(limited.status == 0)
    #expect(try Self.object(limited)["images"] as? Int == 16)
  }

  @Test func manyFailuresAreNamedUpToTwenty() throws {
    let list = try data.list((0..<250).map { "none-\($0).jpg 1" } + ["images/p0.png 1"])
    let run = try evaluate(list, "--json")
    #expect(run.status == 1 && run.errorLines.count == 21)
    #expect(run.errorLines[20].contains("--predictions OUT.csv lists all"))
    let row = try Self.object(run)
    #expect(row["failed"] as? Int == 250 && row["images"] as? Int == 1)
    #expect((row["failures"] as? [String])?.count == 250)
    #expect(try evaluate(list, "--max-unreadable", "249").status == 1)
    #expect(try evaluate(list, "--max-unreadable", "250").status == 0)
  }

  /// A wrong numbering, not an image that can't be read: in lists before the first image.
  @Test func aLabelOutOfRangeStops() throws {
    let list = try data.list(["images/p0.png 1", "images/p1.png 10"])
    let shard = data.shard([data.samples[0]]).bytes
    var last = TarWriter()
    last.add("q.png", data.samples[1].bytes)
    last.add("q.cls", Array("10".utf8))
    for path in [list, try data.folder.write(shard + last.archive, to: "s.tar")] {
      let run = try evaluate(path, "--json")
      #expect(run.status == 1 && run.output.isEmpty)
      let words = "labels begin at 0, so 0 to 9 is expected"
      #expect(run.errorLines.count == 1 && run.errors.contains(words), "\(run.errors)")
      #expect(
        run.errors.contains(path == list ? "p1.png: label 10 of 10 classes, line 2;" : "s.tar/q"))
    }
  }

  @Test func nothingButFailuresHasNoAccuracy() throws {
    let run = try evaluate(try data.list(["none.jpg 1"]), "--json")
    #expect(run.status == 1)
    let row = try Self.object(run)
    #expect(row["images"] as? Int == 0 && row["failed"] as? Int == 1)
    for name in ["top1", "top5", "loss"] { #expect(row[name] is NSNull, "\(name)") }
    #expect(try evaluate(data.folder.path("list.txt")).output.contains(#/Top-1 +–/#))
  }

  @Test func aShardThatIsCutOrMissingIsNamedAndTheOthersAreEvaluated() throws {
    let pattern = try data.write(.pattern)
    let second = try Data(contentsOf: URL(filePath: data.folder.path("s-001.tar")))
    try data.folder.write(second.prefix(second.count / 2), to: "s-001.tar")
    try FileManager.default.removeItem(atPath: data.folder.path("s-002.tar"))
    let run = try evaluate(pattern, "--json")
    #expect(run.status == 1)
    try #require(run.errorLines.count == 2, "\(run.errors)")
    #expect(run.errorLines[0].contains("s-001.tar: the archive") && run.errors.contains("its end?"))
    #expect(run.errorLines[1].contains("s-002.tar: there is no such file"))
    let images = try #require(try Self.object(run)["images"] as? Int)
    #expect(images > 6 && images < 12)
  }

  @Test func emptyDataAreAnError() throws {
    let empty = data.folder.path("empty")
    try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
    let list = try data.folder.write("\n", to: "empty.txt")
    let image = try data.folder.write(data.samples[0].bytes, to: "one.png")
    for (path, words) in [
      (empty, "the folder holds no images and no folders"), (list, "the list is empty"),
      (data.folder.path("none"), "there is no such file or folder"), (image, "is a PNG image"),
      ("/dev/null", "is neither a file nor a folder"),
    ] {
      let run = try evaluate(path, "--json")
      #expect(run.status == 1 && run.output.isEmpty)
      #expect(run.errorLines.count == 1 && run.errors.contains(words), "\(run.errors)")
    }
  }

  @Test func wrongUsageIsStatus64() throws {
    let list = try data.write(.list)
    for (arguments, words) in [
      ([], "--data is missing"), (["--data", list, "--limit", "0"], "--limit is 0"),
      (["--data", list, "--shuffle-seed", "x"], "--shuffle-seed is x"),
      (["--data", list, "--batch-size", "0"], "--batch-size is 0"),
      (["--data", list, list], "is not expected; name the images with --data"),
      (["--data", list, "--compare", "timm"], "--compare takes two models"),
      (["--data", list, "--compare", "a", "b", "--predictions", "x"], "--predictions and"),
      (["--data", list, "--compare", "timm", "timm"], "both are the same"),
      (["--data", list, "--compare", "timm", list], "timm is a preset and the other is not"),
      (["--data", list, "--preset", "timm", "--compare", "timm", "paddle"], "--preset and"),
      (["--data", list, "--resume"], "--resume needs a cache folder"),
      (["--data", list, "--limits", "3"], "did you mean --limit?"),
      (["--data", list, "--crop", "33"], "--crop is 33"),
      (["--data", list, "--batch-size", "4096", "--crop", "4096"], "lower --batch-size"),
    ] {
      let run = try ToolRun(["evaluate"] + arguments)
      #expect(run.status == 64 && run.output.isEmpty, "\(arguments)")
      #expect(run.errorLines.count == 1 && run.errors.contains(words), "\(run.errors)")
    }
  }

  @Test func unwritablePredictionsAreAnErrorBeforeTheEvaluation() throws {
    let list = try data.write(.list)
    for path in [data.folder.path("no/folder/out.csv"), data.folder.url.path, list] {
      let run = try evaluate(list, "--predictions", path)
      #expect(run.status != 0 && run.output.isEmpty && run.errorLines.count == 1, "\(path)")
    }
    #expect(try String(contentsOfFile: list, encoding: .utf8).hasPrefix("images/p0.png"))
  }

  /// Without a cache the journal is a temporary file.
  @Test func temporaryFoldersAreLeftAsTheyWere() throws {
    let list = try data.write(.list)
    let notes = try data.folder.write("mine", to: "tmp/evaluation-notes.txt")
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -90 * 86_400)], ofItemAtPath: notes)
    let run = try ToolRun(
      "evaluate", "--data", list, environment: ["TMPDIR": data.folder.path("tmp")])
    #expect(run.status == 0 && run.errors.isEmpty)
    let left = try FileManager.default.contentsOfDirectory(atPath: data.folder.path("tmp"))
    #expect(left == ["evaluation-notes.txt"])
  }
}
