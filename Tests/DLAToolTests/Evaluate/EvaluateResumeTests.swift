import DeepLayerAggregation
import Foundation
import Testing
import _DLATestSupport

/// Interrupted and resumed evaluations, by the real binary.
struct EvaluateResumeTests {
  private let data: EvaluationData
  private let list: String
  private let cache: String

  /// Samples of a list; every 200th is missing.
  private static let count = 600
  private static let options = ["--json", "--batch-size", "2", "--threads", "1"]
  /// The lines of the list.
  private static func lines(_ data: EvaluationData) -> [String] {
    (0..<count).map { number in
      number % 200 == 199
        ? "none-\(number).jpg 1" : "images/\(data.samples[number % 18].name) \(number % 10)"
    }
  }

  /// The result and the predictions without an interruption.
  private static let expected = Result { () throws -> (run: ToolRun, rows: [String]) in
    let data = try EvaluationData()
    let predictions = data.folder.path("whole.csv")
    let run = try ToolRun(
      ["evaluate", "--data", data.list(lines(data)), "--predictions", predictions] + options)
    return (run, try rows(predictions))
  }

  init() throws {
    let data = try EvaluationData()
    self.data = data
    list = try data.list(Self.lines(data))
    cache = data.folder.path("cache")
  }

  private var options: [String] { ["evaluate", "--data", list] + Self.options }

  /// The rows of predictions with file names instead of paths.
  private static func rows(_ path: String) throws -> [String] {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { row in
      let fields = row.split(separator: ",", omittingEmptySubsequences: false)
      let name = fields[0].split(separator: "/").last ?? ""
      // A failure is reported with its path.
      return name.hasPrefix("none")
        ? String(name) : ([name] + fields.dropFirst()).joined(separator: ",")
    }
  }

  /// The numbers of a result, without speed and paths.
  private static func numbers(_ run: ToolRun) throws -> NSDictionary {
    var row = try #require(try run.json() as? [String: Any])
    for key in ["images_per_second", "settings", "failures"] { row[key] = nil }
    return row as NSDictionary
  }

  private func expectWhole(_ run: ToolRun) throws {
    let expected = try Self.numbers(Self.expected.get().run)
    #expect(try Self.numbers(run) == expected, "\(run.errors)")
  }

  private var journals: [String] {
    let names = try? FileManager.default.contentsOfDirectory(atPath: cache + "/evaluations")
    return (names ?? []).map { "\(cache)/evaluations/\($0)" }
  }

  private func bytes(_ path: String) -> Int {
    ((try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int) ?? 0
  }

  /// Starts an evaluation and waits until its journal has some bytes.
  private func start(until size: Int, _ more: [String] = []) throws -> ToolProcess {
    let process = try ToolProcess(options + more, isNice: true, cache: cache)
    try process.wait { (journals.first.map(bytes) ?? 0) >= size }
    return process
  }

  private func interrupt(at size: Int, _ more: String...) throws {
    #expect(try start(until: size, more).end(by: SIGKILL).isSignalled)
  }

  private func run(_ more: String...) throws -> ToolRun {
    try ToolRun(options + more, cache: cache)
  }

  /// Killed at the header, in the middle and near the end, one after another.
  @Test func aKilledEvaluationResumesToTheSameResult() throws {
    let expected = try Self.expected.get()
    #expect(expected.run.status == 1 && expected.run.errorLines.count == 3)
    for moment in [1, 30_000, 70_000] { try interrupt(at: moment, "--resume") }
    let parts = data.folder.path("parts.csv")
    #expect(try #require(journals.first.map(bytes)) >= 70_000)
    let resumed = try run("--resume", "--predictions", parts)
    #expect(resumed.status == 1)
    try expectWhole(resumed)
    #expect(try Self.rows(parts) == expected.rows)
    #expect(journals.isEmpty)
  }

  @Test(arguments: [(SIGINT, 1000), (SIGTERM, 40_000)])
  func aSignalKeepsAllResults(signal: Int32, moment: Int) throws {
    let stopped = try start(until: moment).end(by: signal)
    #expect(stopped.isSignalled && stopped.status == signal)
    #expect(
      stopped.errors.hasSuffix("; run the same command with --resume to continue\n"),
      "\(stopped.errors)")
    let words = stopped.errorLines.last?.split(separator: " ") ?? []
    let done = words.compactMap { Int($0) }.first
    let rows = try data.outcomes(try #require(journals.first)).count
    #expect(done == rows && rows < Self.count)
    let resumed = try run("--resume")
    try expectWhole(resumed)
    // Failures of the first process are part of the result but not reported again.
    #expect(resumed.errorLines.count == 4 - rows / 200)
  }

  @Test func withoutResumeItStartsFromTheBeginning() throws {
    try interrupt(at: 30_000)
    let run = try run("--limit", "10")
    #expect(run.status == 0)
    #expect(try Self.numbers(run)["images"] as? Int == 10)
    #expect(run.errors.contains("starting from the beginning, pass --resume to continue it"))
  }

  /// A short run of the same evaluation does not affect a long one.
  @Test func aShortRunLeavesALongOneUnchanged() throws {
    try interrupt(at: 30_000)
    let journal = try #require(journals.first)
    // Nor does a resumed run that ends early.
    let newline = UInt8(ascii: "\n")
    let rows = try Data(contentsOf: URL(filePath: journal)).count { $0 == newline }
    #expect(try run("--resume", "--limit", "\(rows + 5)").errors.contains("resuming after"))
    #expect(journals.count == 1)
    let before = try Data(contentsOf: URL(filePath: journal))
    let short = try run("--limit", "3")
    #expect(try Self.numbers(short)["images"] as? Int == 3)
    #expect(try Data(contentsOf: URL(filePath: journal)) == before)
    try expectWhole(run("--resume"))
    #expect(journals.isEmpty)
  }

  /// A full disk or a crash of the system may leave half a row.
  @Test(arguments: 0..<3) func aDamagedJournalLosesOnlyItsEnd(damage: Int) throws {
    try interrupt(at: 50_000)
    let journal = try #require(journals.first)
    let bytes = try Data(contentsOf: URL(filePath: journal))
    let changed =
      switch damage {
      case 0: bytes.prefix(bytes.count - 37)
      case 1: bytes.prefix(bytes.count / 2) + Data("\0\"garbage\n".utf8)
      default: Data("another file\n".utf8)
      }
    try changed.write(to: URL(filePath: journal))
    try expectWhole(run("--resume"))
  }

  @Test func otherDataDoNotResume() throws {
    try interrupt(at: 50_000)
    let lines = try String(contentsOfFile: list, encoding: .utf8)
    // The last sample that was evaluated may be one that did not change: all change their place.
    try data.folder.write(
      lines.split(separator: "\n").reversed().joined(separator: "\n"), to: "list.txt")
    #expect(try run("--resume").errors.contains("there is nothing to resume"))
    try data.folder.write(lines, to: "list.txt")
    let limited = try run("--resume", "--limit", "5")
    #expect(limited.status == 1 && limited.errors.contains("--limit is 5; raise it"))
    #expect(try run("--resume").status == 1)
    #expect(journals.isEmpty)
  }

  @Test func anotherPresetIsAnotherEvaluation() throws {
    try interrupt(at: 30_000)
    let other = try run("--resume", "--preset", "paddle", "--limit", "7")
    #expect(try Self.numbers(other)["images"] as? Int == 7)
    #expect(journals.count == 1)
  }

  @Test func twoProcessesDoNotShareAJournal() throws {
    let process = try start(until: 1)
    process.pause()
    let second = try run("--resume")
    #expect(second.status == 1 && second.errors.contains("another process runs this evaluation"))
    let third = try run("--limit", "3")
    #expect(try Self.numbers(third)["images"] as? Int == 3)
    _ = try process.end(by: SIGKILL)
  }
}
