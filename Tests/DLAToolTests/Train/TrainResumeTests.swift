import DLATensor
import DeepLayerAggregation
import Foundation
import Testing
import _DLATestSupport

/// Interrupted and resumed trainings, by the real binary.
@Suite(.serialized, .sharedTraining)
struct TrainResumeTests {
  private let training: SharedTraining

  init() throws { training = try #require(SharedTraining.current) }

  private func run(_ run: String, _ more: String...) throws -> ToolRun {
    try ToolRun(training.options(run) + more)
  }

  private func start(_ run: String) throws -> ToolProcess {
    try ToolProcess(training.options(run) + ["--resume"], isNice: true)
  }

  private func path(_ file: String) -> String { training.images.folder.path(file) }

  private func exists(_ file: String) -> Bool { FileManager.default.fileExists(atPath: path(file)) }

  private func files(_ run: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: path(run))) ?? []
  }

  /// The log without times.
  private func log(_ run: String) throws -> [NSDictionary] {
    try String(decoding: training.images.bytes("\(run)/metrics.jsonl"), as: UTF8.self)
      .split(separator: "\n").map { line in
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
        var row = try #require(object as? [String: Any])
        row["images_per_second"] = nil
        row["seconds"] = nil
        return row as NSDictionary
      }
  }

  /// Expects the files of the training that was not interrupted.
  private func expectWhole(_ run: String) throws {
    for file in ["last.safetensors", "best.safetensors"] {
      #expect(
        try training.images.bytes("\(run)/\(file)") == training.images.bytes("whole/\(file)"),
        "\(file)")
    }
    #expect(try log(run) == log("whole"))
    let page = try String(decoding: training.images.bytes("\(run)/report.html"), as: UTF8.self)
    #expect(page.contains("Learning rate"))
    // No temporary files remain.
    #expect(Set(files(run)) == Set(files("whole")))
  }

  /// Killed after some entries of the log and while a checkpoint is being written.
  @Test func aKilledTrainingResumesToTheSameBits() throws {
    func entries() -> Int {
      let log = try? Data(contentsOf: URL(filePath: path("killed/metrics.jsonl")))
      return log?.count { $0 == UInt8(ascii: "\n") } ?? 0
    }
    func isSaving() -> Bool {
      files("killed").contains { $0.hasPrefix(".checkpoint.safetensors.") }
    }
    let moments: [() -> Bool] = [
      { entries() >= 2 }, isSaving, { entries() >= 9 }, isSaving, { entries() >= 15 },
    ]
    for moment in moments {
      let process = try start("killed")
      try process.wait(until: moment)
      #expect(try process.end(by: SIGKILL).isSignalled)
    }
    let last = try run("killed", "--resume")
    #expect(last.status == 0, "\(last.errors)")
    try expectWhole("killed")
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func aSignalSavesACheckpoint(signal: Int32) throws {
    let name = "signal-\(signal)"
    let process = try start(name)
    try process.wait { exists("\(name)/checkpoint.safetensors") }
    let stopped = try process.end(by: signal)
    #expect(stopped.isSignalled && stopped.status == signal)
    #expect(stopped.errors.contains("dla: stopping after this step\n"), "\(stopped.errors)")
    let resumed = try run(name, "--resume")
    #expect(resumed.status == 0 && resumed.errors.contains("resuming after"))
    try expectWhole(name)
  }

  /// Stopped in the middle of an epoch and at its end; the summary names files that exist.
  @Test(arguments: [(1, "checkpoint"), (4, "checkpoint"), (6, "best Top-1")])
  func stoppingEarlyChangesNothing(updates: Int, summary: String) throws {
    let name = "stopped-\(updates)"
    let stopped = try run(name, "--max-steps", "\(updates)")
    #expect(stopped.status == 0)
    let lines = stopped.output.split(separator: "\n").suffix(2)
    #expect(lines.last == "stopped early; pass --resume to continue")
    let result = try #require(lines.first)
    #expect(result.hasPrefix(summary), "\(result)")
    let file = try #require(result.split(separator: " ").last)
    #expect(FileManager.default.fileExists(atPath: String(file)), "\(result)")
    #expect(try run(name, "--resume").status == 0)
    try expectWhole(name)
  }

  @Test func anotherPathToTheDataResumes() throws {
    #expect(try run("moved", "--max-steps", "3").status == 0)
    let data = path("data/../data/")
    let resumed = try ToolRun(
      training.options("moved").map { $0 == training.images.data ? data : $0 }
        + ["--resume", "--max-steps", "4"])
    #expect(resumed.status == 0, "\(resumed.errors)")
  }

  @Test func otherOptionsDoNotResume() throws {
    #expect(try run("options", "--max-steps", "3").status == 0)
    func resume(_ old: String, _ new: String) throws -> ToolRun {
      try ToolRun(training.options("options").map { $0 == old ? new : $0 } + ["--resume"])
    }
    let other = try resume("0.02", "0.03")
    #expect(other.status == 1 && other.warnings.count == 1)
    #expect(other.errors.contains("with other settings: "), "\(other.errors)")
    let average = try resume("0.95", "0.9")
    #expect(average.errors.contains("other settings: moving average was 0.95"), "\(average.errors)")
    let fresh = try run("fresh", "--resume", "--max-steps", "1")
    #expect(fresh.status == 0 && fresh.errors.contains("there is no checkpoint in"))
    let again = try run("options")
    #expect(again.status == 64 && again.errors.contains("contains a training; pass --resume"))
  }

  /// A lost log leaves a gap in the curves only.
  @Test func aLostLogDoesNotEndATraining() throws {
    #expect(try run("lost", "--max-steps", "5").status == 0)
    for file in ["metrics.jsonl", "events.out.tfevents.0.dla"] {
      try FileManager.default.removeItem(atPath: path("lost/\(file)"))
    }
    let resumed = try run("lost", "--resume")
    #expect(resumed.status == 0)
    #expect(resumed.errors.contains("its curves have a gap"), "\(resumed.errors)")
    #expect(
      try training.images.bytes("lost/last.safetensors")
        == training.images.bytes("whole/last.safetensors"))
  }

  @Test func twoProcessesDoNotTrainInOneFolder() throws {
    let process = try start("busy")
    try process.wait { exists("busy/checkpoint.safetensors") }
    process.pause()
    let second = try run("busy", "--resume")
    #expect(second.status == 1 && second.errors.contains("another process trains in this folder"))
    _ = try process.end(by: SIGKILL)
  }

  /// A full disk, simulated by a limit on file sizes: an error of one line and an intact checkpoint.
  @Test func aFullDiskLeavesTheCheckpointIntact() throws {
    #expect(try run("full", "--max-steps", "4").status == 0)
    let before = try training.images.bytes("full/checkpoint.safetensors")
    // 512-byte blocks: less than a checkpoint.
    let process = try ToolProcess(
      ["-c", "trap '' XFSZ; ulimit -f 4000; exec \"$0\" \"$@\"", ToolRun.binary.path]
        + training.options("full") + ["--resume"], executable: URL(filePath: "/bin/sh"))
    let full = try process.wait()
    #expect(full.status == 1)
    #expect(
      full.errorLines.last?.contains("cannot be written: File too large") == true,
      "\(full.errors)")
    #expect(try training.images.bytes("full/checkpoint.safetensors") == before)
    #expect(try run("full", "--resume").status == 0)
    try expectWhole("full")
  }
}

/// A training that is not interrupted, made once for the suite, with its images.
struct SharedTraining: Sendable {
  @TaskLocal static var current: SharedTraining?

  let images: TrainingImages

  init() throws {
    images = try TrainingImages()
    try images.folder.write("no image", to: "data/train/green/bad.png")
    let whole = try ToolRun(options("whole"))
    guard whole.status == 0 else { throw Failure(description: whole.errors) }
  }

  private struct Failure: Error, CustomStringConvertible { let description: String }

  /// Four epochs of seven batches, of which the last is smaller; two batches per update; one image
  /// can't be read.
  func options(_ run: String) -> [String] {
    images.options(run, epochs: 4).map { $0 == "8" ? "7" : $0 } + [
      "--save-every", "3", "--ema", "0.95", "--mixup", "0.2", "--dropout", "0.2", "--seed", "5",
      "--grad-accum-steps", "2", "--drop-last", "off", "--lr-scale", "fc=10,level4=0.5,level5=2",
      "--max-unreadable", "1",
    ]
  }
}

extension Trait where Self == SharedTraining.Scope {
  /// Makes `SharedTraining.current` for the tests of a suite.
  static var sharedTraining: Self { Self() }
}

extension SharedTraining {
  struct Scope: SuiteTrait, TestScoping {
    func provideScope(
      for test: Test, testCase: Test.Case?,
      performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
      try await SharedTraining.$current.withValue(SharedTraining()) { try await function() }
    }
  }
}
