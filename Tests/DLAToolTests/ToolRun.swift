import Foundation
import _DLATestSupport

struct ToolRun {
  let status: Int32
  /// True if a signal ended the process; `status` is then its number.
  let isSignalled: Bool
  let output: String
  let errors: String

  /// Lines of standard error.
  var errorLines: [String] { errors.split(separator: "\n").map(String.init) }

  /// Lines of standard error without the progress that a training reports once a minute.
  var warnings: [String] { errorLines.filter { !$0.contains(" images/s  ") } }

  /// The binary beside the test bundle.
  static let binary: URL = {
    // `.build/<platform>/release/swift-dlaPackageTests.xctest`, also if a tool loads the bundle.
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
    return URL(filePath: bundle).deletingLastPathComponent().appending(path: "dla")
  }()

  init(status: Int32, isSignalled: Bool, output: String, errors: String) {
    (self.status, self.isSignalled, self.output) = (status, isSignalled, output)
    self.errors = errors
  }

  init(
    _ arguments: String..., input: Data? = nil, output: URL? = nil, cache: String = "off",
    environment: [String: String] = [:]
  ) throws {
    try self.init(arguments, input: input, output: output, cache: cache, environment: environment)
  }

  /// `cache` is the value of DLA_CACHE: tests do not use the user's cache.
  init(
    _ arguments: [String], input: Data? = nil, output: URL? = nil, cache: String = "off",
    environment: [String: String] = [:]
  ) throws {
    self = try ToolProcess(
      arguments, input: input, output: output, cache: cache, environment: environment
    ).wait()
  }

  func json() throws -> Any {
    try JSONSerialization.jsonObject(with: Data(output.utf8), options: .fragmentsAllowed)
  }

  func jsonLines() throws -> [[String: Any]] {
    try output.split(separator: "\n").compactMap {
      try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
    }
  }
}

/// A running process, killed after five minutes.
final class ToolProcess {
  /// The process ran for too long.
  struct TimedOut: Error, CustomStringConvertible {
    let description: String
  }

  private let process = Process()
  private let folder: TemporaryFolder
  private let words: [String]
  private let deadline = ContinuousClock.now + .seconds(300)

  /// Starts a process.
  ///
  /// Without `isNice` it has the usual priority; with it this process sees its files while it runs.
  /// `output` and `errors` name files in place of the result's; `cache` is the value of DLA_CACHE.
  ///
  /// - Throws: the system's error.
  init(
    _ arguments: [String], executable: URL = ToolRun.binary, isNice: Bool = false,
    directory: URL? = nil, input: Data? = nil, output: URL? = nil, errors: FileHandle? = nil,
    cache: String = "off", environment: [String: String] = [:]
  ) throws {
    folder = try TemporaryFolder()
    words = (isNice ? ["/usr/bin/nice", "-n", "19"] : []) + [executable.path] + arguments
    // Neither do tests use the user's cache and token of the Hugging Face hub.
    process.environment = ProcessInfo.processInfo.environment
      .filter { !$0.key.hasPrefix("HF_") }
      .merging(["DLA_CACHE": cache, "HF_HOME": folder.path("huggingface")]) { $1 }
      .merging(environment) { $1 }
    process.executableURL = URL(filePath: words[0])
    process.arguments = Array(words.dropFirst())
    process.currentDirectoryURL = directory
    // Files, since a pipe without a reader would block the process.
    let streams = ["in", "out", "err"].map { URL(filePath: folder.path($0)) }
    try (input ?? Data()).write(to: streams[0])
    for stream in streams.dropFirst() { try Data().write(to: stream) }
    process.standardInput = try FileHandle(forReadingFrom: streams[0])
    process.standardOutput = try FileHandle(forWritingTo: output ?? streams[1])
    process.standardError = try errors ?? FileHandle(forWritingTo: streams[2])
    try process.run()
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
  }

  /// Waits for the end of the process.
  ///
  /// - Throws: `TimedOut` after five minutes.
  func wait() throws -> ToolRun {
    try wait { false }
    process.waitUntilExit()
    return ToolRun(
      status: process.terminationStatus, isSignalled: process.terminationReason == .uncaughtSignal,
      output: try text("out"), errors: try text("err"))
  }

  /// Waits until a condition holds or the process ends.
  ///
  /// - Throws: `TimedOut` after five minutes.
  func wait(until isReady: () -> Bool) throws {
    while process.isRunning, !isReady() {
      guard ContinuousClock.now < deadline else {
        kill(process.processIdentifier, SIGKILL)
        throw TimedOut(
          description: "killed after 300 s: \(words.joined(separator: " "))\n\(try text("out"))"
            + "\n\(try text("err"))")
      }
      usleep(1000)
    }
  }

  /// Stops the process without ending it.
  func pause() { kill(process.processIdentifier, SIGSTOP) }

  /// Sends a signal and waits for the end of the process.
  func end(by signal: Int32) throws -> ToolRun {
    if process.isRunning { kill(process.processIdentifier, signal) }
    return try wait()
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOf: URL(filePath: folder.path(name)), encoding: .utf8)
  }
}

/// The images that are part of the project.
let images = Fixtures.package.appending(path: "Examples/Images").path
