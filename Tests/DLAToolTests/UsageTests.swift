import Foundation
import Testing

/// Help, wrong usage and exit statuses of the real binary.
struct UsageTests {
  static let commands = [
    "classify", "evaluate", "explain", "models", "preprocess", "run", "pull", "convert",
    "benchmark", "info",
  ]

  @Test(arguments: commands)
  func helpShowsUsageAndEveryOption(command: String) throws {
    let run = try ToolRun(command, "--help")
    #expect(run.status == 0)
    #expect(run.errors.isEmpty)
    #expect(run.output.contains("Usage: dla \(command)"))
    #expect(run.output.contains("--help"))
  }

  @Test func noCommandShowsTheCommandsAndFails() throws {
    let run = try ToolRun()
    #expect(run.status == 64)
    #expect(run.output.isEmpty)
    for command in Self.commands { #expect(run.errors.contains("  \(command) ")) }
  }

  static let wrong: [[String]] = [
    ["clasify"], ["classify"], ["classify", "--topp", "3", "x.jpg"],
    ["classify", "--top", "x.jpg"],
    ["classify", "--top", "0", "x.jpg"], ["classify", "--top"], ["classify", "--crop", "33", "x"],
    ["classify", "--crop", "64", "--resize-short", "32", "x"], ["classify", "--std", "1,0,1", "x"],
    ["classify", "--mean", "1,2", "x"], ["classify", "--preset", "keras", "x"],
    ["classify", "--model", "dla34", "x.jpg"], ["classify", "--json=yes", "x.jpg"],
    ["classify", "-", "-"], ["classify", "--isa", "sse9", "x"],
    ["classify", "--threads", "0", "x"],
    ["models", "--tree", "dla35x9"], ["models", "--tree", "dla34", "--json"], ["models", "dla34"],
    ["run"], ["run", "--weights", "a", "--input", "b"], ["preprocess", "x.jpg"],
    ["preprocess", "x.jpg", "--preset", "timm"], ["benchmark", "--image-size", "100"],
    ["benchmark", "--model", "resnet50"], ["benchmark", "--batch-size", "1,,2"],
    ["benchmark", "--threads", "2", "--streams", "3"], ["benchmark", "--streams", "0"],
    ["benchmark", "--streams", "1.5"], ["classify", "--threads", "1", "--streams", "2", "x"],
    ["run", "--streams", "1"], ["benchmark", "--json", "--markdown"],
    ["benchmark", "--precision", "int4"], ["benchmark", "--train", "--streams", "2"],
    ["benchmark", "--profile"], ["benchmark", "--train", "--profile", "--json"],
    ["convert"], ["convert", "a"], ["convert", "a", "b"], ["convert", "a", "b.txt"],
    ["convert", "a", "b.onnx", "--to", "keras"], ["convert", "a", "b.json", "--half"],
    ["convert", "a", "b.safetensors", "--batch-norm", "keep"],
    ["convert", "a", "b.onnx", "--batch-norm", "drop"], ["convert", "a", "b.onnx", "--model", "x"],
    ["convert", "a", "b.onnx", "--classes", "0"], ["classify", "--classes", "10", "x.jpg"],
    ["run", "--input", "a", "--output", "b"],
    ["pull", "dla34"], ["pull", "dla35x9"], ["pull", "dla34", "--source", "mars"],
    ["pull", "dla34", "--output", "x", "--url", "ftp://host/file"],
    ["pull", "dla34", "--output", "x", "--url", "http://host/a b"],
    ["pull", "dla34", "--output", "x", "--url", "http://host/", "--source", "hub"],
    ["pull", "dla34", "--output", "x", "--sha256", "1234567"],
    ["pull", "dla60_res2net", "--output", "x", "--source", "paddle"],
    ["pull", "all", "--output", "x"], ["pull", "dla34", "dla60", "--url", "http://host/"],
    ["pull", "--list", "dla34"], ["pull", "--force"],
    ["info", "--model", ""], ["info", "extra"], ["classify", "--tune", "maybe", "x"],
  ]

  @Test(arguments: wrong)
  func wrongUsageIsOneLineAndStatus64(arguments: [String]) throws {
    let run = try ToolRun(arguments)
    #expect(run.status == 64)
    #expect(run.output.isEmpty)
    #expect(run.errorLines.count == 1)
    #expect(run.errors.hasPrefix("dla: "))
  }

  @Test func anUnknownModelGetsTheNearestNames() throws {
    let run = try ToolRun("info", "--model", "dla103x")
    #expect(run.errors.contains("dla102x"))
  }

  @Test func anUnknownOptionGetsTheNearest() throws {
    #expect(try ToolRun("classify", "--lables", "x").errors.contains("--labels"))
  }

  /// Linux has a device that is always full; elsewhere there is nothing to try this with.
  @Test func aFullDiskIsAnError() throws {
    guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
    let run = try ToolRun("models", output: URL(filePath: "/dev/full"))
    #expect(run.status == 1)
    #expect(run.errorLines.count == 1)
  }
}
