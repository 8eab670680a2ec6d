import DLATensor
import DeepLayerAggregation
import Foundation
import Testing
import _DLATestSupport

/// Trainings that are ended early and gone on with, by the real binary.
@Suite(.serialized)
struct TrainResumeTests {
  private let images: TrainingImages

  init() throws {
    images = try TrainingImages()
    try images.folder.write("no image", to: "data/train/green/bad.png")
  }

  /// Batches of seven, of which the last has six images; two an update; one image can't be read.
  private func options(_ run: String) -> [String] {
    images.options(run, epochs: 6).map { $0 == "8" ? "7" : $0 } + [
      "--save-every", "3", "--ema", "0.95", "--mixup", "0.2", "--dropout", "0.2", "--seed", "5",
      "--accumulate", "2", "--drop-last", "off", "--isa", "portable", "--lr-of",
      "fc=10,level4=0.5,level5=2",
    ]
  }

  private func start(_ run: String, errors: String? = nil) throws -> Process {
    let process = Process()
    process.executableURL = ToolRun.binary
    process.arguments = options(run) + ["--resume"]
    process.environment = ProcessInfo.processInfo.environment.merging(["DLA_CACHE": "off"]) { $1 }
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    if let errors {
      try Data().write(to: URL(filePath: errors))
      process.standardError = FileHandle(forWritingAtPath: errors)
    }
    try process.run()
    return process
  }

  /// What a log says but for times.
  private func log(_ run: String) throws -> [NSDictionary] {
    try String(decoding: images.bytes("\(run)/metrics.jsonl"), as: UTF8.self)
      .split(separator: "\n").map { line in
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
        var row = try #require(object as? [String: Any])
        row["images_per_second"] = nil
        row["seconds"] = nil
        return row as NSDictionary
      }
  }

  private func expectEqual(_ run: String, _ expected: String) throws {
    for file in ["last.safetensors", "best.safetensors"] {
      #expect(
        try images.bytes("\(run)/\(file)") == images.bytes("\(expected)/\(file)"), "\(file)")
    }
    #expect(try log(run) == log(expected))
    let page = try String(decoding: images.bytes("\(run)/report.html"), as: UTF8.self)
    #expect(page.contains("Learning rate"))
    let left = try FileManager.default.contentsOfDirectory(atPath: images.folder.path(run))
    // Nor is anything left that was half written when the process was killed.
    #expect(
      Set(left)
        == Set(try FileManager.default.contentsOfDirectory(atPath: images.folder.path(expected))))
  }

  /// Killed at moments drawn at random, again and again, it comes to the same bits.
  @Test(arguments: [1, 2, 3])
  func whatIsKilledAtRandomMomentsComesToTheSameBits(seed: Int) throws {
    let clock = ContinuousClock()
    let time = try clock.measure { _ = try ToolRun(options("whole")) }
    let seconds = Double(time.components.attoseconds) / 1e18 + Double(time.components.seconds)
    var random = KeyedRandom(key: "kill/\(seed)")
    var kills = 0
    for _ in 0..<6 {
      let process = try start("parts")
      usleep(UInt32(1e6 * seconds * Double.random(in: 0.05...0.6, using: &random)))
      guard process.isRunning else { break }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      kills += 1
    }
    #expect(kills > 0)
    let last = try ToolRun(options("parts") + ["--resume"])
    #expect(last.status == 0, "\(last.errors)")
    try expectEqual("parts", "whole")
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func aSignalEndsWithACheckpoint(signal: Int32) throws {
    #expect(try ToolRun(options("whole")).status == 0)
    let errors = images.folder.path("errors")
    let process = try start("parts", errors: errors)
    let checkpoint = images.folder.path("parts/checkpoint.safetensors")
    let end = ContinuousClock.now + .seconds(60)
    while process.isRunning, !FileManager.default.fileExists(atPath: checkpoint),
      ContinuousClock.now < end
    { usleep(1000) }
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == signal)
    let told = try String(contentsOfFile: errors, encoding: .utf8)
    #expect(told.contains("dla: stopping as soon as this step is done\n"), "\(told)")
    let resumed = try ToolRun(options("parts") + ["--resume"])
    #expect(resumed.status == 0 && resumed.errors.contains("going on after"))
    try expectEqual("parts", "whole")
  }

  /// Stopped after any number of updates, in the middle of an epoch and at its end.
  @Test(arguments: [1, 6, 7])
  func stoppingEarlyChangesNothing(updates: Int) throws {
    #expect(try ToolRun(options("whole")).status == 0)
    let stopped = try ToolRun(options("parts") + ["--max-steps", "\(updates)"])
    #expect(stopped.status == 0 && stopped.output.contains("stopped early; --resume goes on"))
    #expect(try ToolRun(options("parts") + ["--resume"]).status == 0)
    try expectEqual("parts", "whole")
  }

  /// The same images by another way to their folder.
  @Test func dataMayBeCalledOtherwise() throws {
    #expect(try ToolRun(options("run") + ["--max-steps", "3"]).status == 0)
    let data = images.folder.path("data/../data/")
    let resumed = try ToolRun(options("run").map { $0 == images.data ? data : $0 } + ["--resume"])
    #expect(resumed.status == 0, "\(resumed.errors)")
  }

  @Test func otherOptionsAreNotGoneOnWith() throws {
    #expect(try ToolRun(options("run") + ["--max-steps", "3"]).status == 0)
    let other = try ToolRun(
      options("run").map { $0 == "0.02" ? "0.03" : $0 } + ["--resume"])
    #expect(other.status == 1 && other.errorLines.count == 1)
    #expect(other.errors.contains("the training was begun with"))
    let average = try ToolRun(options("run").map { $0 == "0.95" ? "0.9" : $0 } + ["--resume"])
    #expect(average.errors.contains("other options: moving average was 0.95"), "\(average.errors)")
    let fresh = try ToolRun(options("fresh") + ["--resume", "--max-steps", "1"])
    #expect(fresh.status == 0 && fresh.errors.contains("there is no checkpoint in"))
    let anew = try ToolRun(options("run"))
    #expect(anew.status == 64 && anew.errors.contains("holds a training; --resume goes on"))
  }

  /// A log that was lost leaves a gap in the curves, no more.
  @Test func aLostLogDoesNotEndATraining() throws {
    #expect(try ToolRun(options("whole")).status == 0)
    #expect(try ToolRun(options("run") + ["--max-steps", "5"]).status == 0)
    for file in ["metrics.jsonl", "events.out.tfevents.0.dla"] {
      try FileManager.default.removeItem(atPath: images.folder.path("run/\(file)"))
    }
    let resumed = try ToolRun(options("run") + ["--resume"])
    #expect(resumed.status == 0)
    #expect(resumed.errors.contains("the training goes on, its curves have a gap"))
    #expect(
      try images.bytes("run/last.safetensors") == images.bytes("whole/last.safetensors"))
  }

  @Test func twoProcessesDoNotTrainInOneFolder() throws {
    let process = try start("run")
    let end = ContinuousClock.now + .seconds(60)
    while process.isRunning,
      !FileManager.default.fileExists(atPath: images.folder.path("run/checkpoint.safetensors")),
      ContinuousClock.now < end
    { usleep(1000) }
    let second = try ToolRun(options("run") + ["--resume"])
    #expect(second.status == 1 && second.errors.contains("another process trains here"))
    process.interrupt()
    process.waitUntilExit()
  }

  /// A full disk, as a bound on the size of files: an error of one line, and the checkpoint is whole.
  @Test func aFullDiskLeavesTheLastCheckpointWhole() throws {
    #expect(try ToolRun(options("run") + ["--max-steps", "4"]).status == 0)
    let before = try images.bytes("run/checkpoint.safetensors")
    let errors = images.folder.path("errors")
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    // 512-byte blocks: less than a checkpoint.
    process.arguments =
      ["-c", "trap '' XFSZ; ulimit -f 4000; exec \"$0\" \"$@\" 2>'\(errors)'", ToolRun.binary.path]
      + options("run") + ["--resume"]
    process.environment = ProcessInfo.processInfo.environment.merging(["DLA_CACHE": "off"]) { $1 }
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 1)
    let lines = try String(contentsOfFile: errors, encoding: .utf8).split(separator: "\n")
    #expect(lines.last?.contains("cannot be written: File too large") == true, "\(lines)")
    #expect(try images.bytes("run/checkpoint.safetensors") == before)
    #expect(try ToolRun(options("whole")).status == 0)
    #expect(try ToolRun(options("run") + ["--resume"]).status == 0)
    try expectEqual("run", "whole")
  }
}
