import Foundation
import _DLATestSupport

/// One run of the real `dla` binary.
struct ToolRun {
  let status: Int32
  let output: String
  let errors: String

  /// Lines of standard error, without the last line break.
  var errorLines: [String] { errors.split(separator: "\n").map(String.init) }

  /// The binary beside the test bundle.
  static let binary: URL = {
    // `.build/<platform>/release/swift-dlaPackageTests.xctest`, also where a tool loads the bundle.
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
    return URL(filePath: bundle).deletingLastPathComponent().appending(path: "dla")
  }()

  init(
    _ arguments: String..., input: Data? = nil, output: URL? = nil, cache: String = "off",
    environment: [String: String] = [:]
  ) throws {
    try self.init(
      arguments, input: input, output: output, cache: cache, environment: environment)
  }

  /// `cache` is the value of DLA_CACHE: tests leave the user's own cache alone.
  init(
    _ arguments: [String], input: Data? = nil, output: URL? = nil, cache: String = "off",
    environment: [String: String] = [:]
  ) throws {
    let process = Process()
    process.environment = ProcessInfo.processInfo.environment
      .merging(["DLA_CACHE": cache]) { $1 }.merging(environment) { $1 }
    process.executableURL = Self.binary
    process.arguments = arguments
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    // Files, since a pipe that nobody reads would block a talkative process.
    let streams = ["in", "out", "err"].map { folder.appending(path: $0) }
    try (input ?? Data()).write(to: streams[0])
    for stream in streams.dropFirst() { try Data().write(to: stream) }
    process.standardInput = try FileHandle(forReadingFrom: streams[0])
    process.standardOutput = try FileHandle(forWritingTo: output ?? streams[1])
    process.standardError = try FileHandle(forWritingTo: streams[2])
    try process.run()
    process.waitUntilExit()
    status = process.terminationStatus
    self.output = try String(contentsOf: streams[1], encoding: .utf8)
    errors = try String(contentsOf: streams[2], encoding: .utf8)
  }

  /// Standard output as JSON.
  func json() throws -> Any {
    try JSONSerialization.jsonObject(with: Data(output.utf8), options: .fragmentsAllowed)
  }

  /// Standard output as one JSON object a line.
  func jsonLines() throws -> [[String: Any]] {
    try output.split(separator: "\n").compactMap {
      try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
    }
  }
}

/// The images that are part of the project.
let images = Fixtures.package.appending(path: "Examples/Images").path
