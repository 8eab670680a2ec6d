import DeepLayerAggregation
import Foundation
import Testing
import _DLATestSupport

/// Evaluations that are ended early and gone on with, by the real binary.
@Suite(.serialized)
struct EvaluateResumeTests {
  private let data: EvaluationData
  private let list: String
  private let cache: String

  /// Samples: enough to take about a second on portable kernels.
  private static let count = 1200

  init() throws {
    let data = try EvaluationData()
    self.data = data
    // Every 400th is missing.
    list = try data.list(
      (0..<Self.count).map { number in
        number % 400 == 399
          ? "none-\(number).jpg 1" : "images/\(data.images[number % 18].name) \(number % 10)"
      })
    cache = data.folder.path("cache")
  }

  private var options: [String] {
    ["evaluate", "--data", list, "--json", "--batch-size", "2", "--isa", "portable"]
  }

  /// What does not depend on time.
  private static func result(_ run: ToolRun) throws -> NSDictionary {
    var row = try #require(try run.json() as? [String: Any])
    row["images_per_second"] = nil
    return row as NSDictionary
  }

  private var journals: [String] {
    let names = try? FileManager.default.contentsOfDirectory(atPath: cache + "/evaluations")
    return (names ?? []).map { "\(cache)/evaluations/\($0)" }
  }

  private func bytes(_ path: String) -> Int {
    ((try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int) ?? 0
  }

  /// Starts an evaluation and waits until its journal has some bytes.
  private func start(until size: Int, _ more: [String] = []) throws -> Process {
    let process = Process()
    process.executableURL = ToolRun.binary
    process.arguments = options + more
    process.environment = ProcessInfo.processInfo.environment.merging(["DLA_CACHE": cache]) { $1 }
    process.standardOutput = FileHandle.nullDevice
    let errors = try data.folder.write("", to: "errors")
    process.standardError = try FileHandle(forWritingTo: URL(filePath: errors))
    try process.run()
    let end = ContinuousClock.now + .seconds(60)
    while process.isRunning, (journals.first.map(bytes) ?? 0) < size, ContinuousClock.now < end {
      usleep(2000)
    }
    return process
  }

  private func run(_ more: String...) throws -> ToolRun {
    try ToolRun(options + more, cache: cache)
  }

  /// At the header, in the middle, near the end; one after another.
  @Test(arguments: [[1], [180_000], [1, 70_000, 180_000]])
  func whatIsKilledGoesOnToTheSameResult(moments: [Int]) throws {
    let (whole, parts) = (data.folder.path("whole.csv"), data.folder.path("parts.csv"))
    let expected = try ToolRun(options + ["--predictions", whole])
    #expect(expected.status == 1 && expected.errorLines.count == 3)
    for moment in moments {
      let process = try start(until: moment, ["--resume"])
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      #expect(process.terminationReason == .uncaughtSignal, "it was faster than the test")
    }
    let kept = try #require(journals.first.map(bytes))
    #expect(kept >= moments[moments.count - 1])
    let resumed = try run("--resume", "--predictions", parts)
    #expect(resumed.status == 1)
    #expect(try Self.result(resumed) == Self.result(expected))
    #expect(
      try Data(contentsOf: URL(filePath: parts)) == Data(contentsOf: URL(filePath: whole)))
    #expect(journals.isEmpty)
  }

  @Test(arguments: [(SIGINT, 1000), (SIGINT, 100_000), (SIGTERM, 100_000)])
  func aSignalKeepsEverythingThatWasDone(signal: Int32, moment: Int) throws {
    let expected = try ToolRun(options)
    let process = try start(until: moment)
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == signal)
    let errors = try String(contentsOfFile: data.folder.path("errors"), encoding: .utf8)
    let words = errors.split(separator: "\n").last?.split(separator: " ") ?? []
    #expect(errors.hasSuffix("; the same command with --resume goes on from there\n"), "\(errors)")
    let done = words.first { Int($0.filter { $0 != "," }) != nil }
      .flatMap { Int($0.filter { $0 != "," }) }
    let rows = try data.outcomes(try #require(journals.first)).count
    #expect(done == rows && rows < Self.count)
    let resumed = try run("--resume")
    #expect(try Self.result(resumed) == Self.result(expected))
    // Failures of the first session are told by the result, not once more as they happen.
    #expect(resumed.errorLines.count == 4 - rows / 400)
  }

  @Test func withoutResumeItBeginsAnew() throws {
    let process = try start(until: 70_000)
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let run = try run("--limit", "10")
    #expect(run.status == 0)
    #expect(try Self.result(run)["images"] as? Int == 10)
    #expect(run.errors.contains("is begun anew; --resume would go on with it"))
  }

  /// A short run of the same evaluation costs a long one nothing.
  @Test func aShortRunLeavesALongOneAsItWas() throws {
    let process = try start(until: 70_000)
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let journal = try #require(journals.first)
    // One that goes on and ends early leaves it too.
    let newline = UInt8(ascii: "\n")
    let rows = try Data(contentsOf: URL(filePath: journal)).count { $0 == newline }
    #expect(try run("--resume", "--limit", "\(rows + 5)").errors.contains("going on after"))
    #expect(journals.count == 1)
    let before = try Data(contentsOf: URL(filePath: journal))
    let short = try run("--limit", "3")
    #expect(try Self.result(short)["images"] as? Int == 3)
    #expect(try Data(contentsOf: URL(filePath: journal)) == before)
    let expected = try ToolRun(options)
    #expect(try Self.result(run("--resume")) == Self.result(expected))
    #expect(journals.isEmpty)
  }

  /// Half a row is what a full disk or a crash of the machine leaves.
  @Test func aJournalThatWasCutOrSpoiltLosesOnlyItsEnd() throws {
    let expected = try ToolRun(options)
    for spoil in 0..<3 {
      let process = try start(until: 140_000)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      let journal = try #require(journals.first)
      let bytes = try Data(contentsOf: URL(filePath: journal))
      let changed =
        switch spoil {
        case 0: bytes.prefix(bytes.count - 37)
        case 1: bytes.prefix(bytes.count / 2) + Data("\0\"garbage\n".utf8)
        default: Data("another file\n".utf8)
        }
      try changed.write(to: URL(filePath: journal))
      let resumed = try run("--resume")
      #expect(try Self.result(resumed) == Self.result(expected), "\(spoil)")
    }
  }

  @Test func otherDataAreNotGoneOnWith() throws {
    let process = try start(until: 140_000)
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let lines = try String(contentsOfFile: list, encoding: .utf8)
    try data.folder.write(lines.replacing("p1.png", with: "p2.png"), to: "list.txt")
    // The last sample that was done may be one that did not change.
    try data.folder.write(
      lines.split(separator: "\n").reversed().joined(separator: "\n"), to: "list.txt")
    let changed = try run("--resume")
    #expect(changed.errors.contains("there is nothing to go on with"))
    try data.folder.write(lines, to: "list.txt")
    let limited = try run("--resume", "--limit", "5")
    #expect(limited.status == 1 && limited.errors.contains("--limit is 5; raise it"))
    #expect(try run("--resume").status == 1)
    #expect(journals.isEmpty)
  }

  @Test func anotherPresetIsAnotherEvaluation() throws {
    let process = try start(until: 70_000)
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let other = try run("--resume", "--preset", "paddle", "--limit", "7")
    #expect(try Self.result(other)["images"] as? Int == 7)
    #expect(journals.count == 1)
  }

  @Test func twoProcessesDoNotShareAJournal() throws {
    let process = try start(until: 1)
    let second = try run("--resume")
    #expect(second.status == 1 && second.errors.contains("is going on in another process"))
    let third = try run("--limit", "3")
    #expect(try Self.result(third)["images"] as? Int == 3)
    process.interrupt()
    process.waitUntilExit()
  }
}
