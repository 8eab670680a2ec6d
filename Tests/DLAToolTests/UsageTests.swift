import Foundation
import Testing
import _DLATestSupport

/// Help, manual page, completions, wrong usage and exit statuses of the real binary.
struct UsageTests {
  /// The names in the list of commands.
  private static func commands() throws -> [String] {
    let help = try ToolRun("--help").output.split(separator: "\n", omittingEmptySubsequences: false)
    let start = try #require(help.firstIndex(of: "Commands:"))
    let names = help[(start + 1)...].prefix { !$0.isEmpty }.compactMap { line in
      line.hasPrefix("  ") && !line.hasPrefix("   ")
        ? line.split(separator: " ").first.map(String.init) : nil
    }
    try #require(names.count > 10 && names.contains("train"))
    return names
  }

  /// The options in a help text.
  private static func options(ofHelp help: String) -> Set<String> {
    Set(
      help.split(separator: "\n").drop { $0 != "Options:" }.compactMap { line in
        line.wholeMatch(of: #/ {2}(--?[a-z][a-z0-9-]*).*/#).map { String($0.1) }
      })
  }

  @Test func helpShowsUsageAndOptionsIn80Columns() throws {
    for command in try Self.commands() {
      let run = try ToolRun(command, "--help")
      #expect(run.status == 0 && run.errors.isEmpty)
      #expect(run.output.contains("Usage: dla \(command)"))
      #expect(Self.options(ofHelp: run.output).contains("--help"))
      for line in run.output.split(separator: "\n") {
        #expect(line.count <= 80 && line.last != " ", "\(command): \(line)")
      }
      #expect(try ToolRun("help", command).output == run.output)
    }
  }

  @Test func withoutACommandTheHelpIsShownAndTheStatusIs64() throws {
    let run = try ToolRun()
    #expect(run.status == 64 && run.output.isEmpty)
    #expect(run.errors == (try ToolRun("--help").output))
  }

  /// Manual page and completions have all commands and options of the help texts.
  @Test func manualPageAndCompletionsAreComplete() throws {
    let page = try ToolRun("man").output
    let scripts = try ["bash", "zsh", "fish"].map { try ToolRun("completions", $0).output }
    for command in try Self.commands() {
      #expect(page.contains(".SS \"dla \(command)"))
      for script in scripts { #expect(script.contains(command)) }
      let options = Self.options(ofHelp: try ToolRun(command, "--help").output)
      for option in options.subtracting(["--help"]) {
        let text = option.replacing("-", with: "\\-")
        #expect(
          page.contains(".BI \(text)\n") || page.contains(".BI \(text) \""), "\(command) \(option)")
        #expect(scripts[0].contains(option) && scripts[1].contains(option))
        let name = option.drop { $0 == "-" }
        #expect(scripts[2].contains("\(command)' -\(name.count == 1 ? "s" : "l") \(name) "))
      }
    }
  }

  /// In a real bash: commands, options, values of options, and `--option=value`.
  @Test(arguments: [
    ("dla cla", "classify"), ("dla classify --preset p", "paddle"),
    ("dla classify --preset = ti", "timm"), ("dla pull dla102x2", "dla102x2"),
    ("dla train --grad", "--grad-accum-steps"), ("dla train --optimizer r", "rmsprop"),
    ("dla classify cat", ""), ("dla info --batch-size 1", ""), ("dla completions f", "fish"),
  ])
  func bashCompletes(line: String, expected: String) throws {
    let script = """
      eval "$("$0" completions bash)"
      COMP_WORDS=(\(line)); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
      _dla; echo "${COMPREPLY[*]}"
      """
    let run = try ToolProcess(
      ["-c", script, ToolRun.binary.path], executable: URL(filePath: "/bin/bash")
    ).wait()
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
    #expect(run.output == expected + "\n")
  }

  /// Options in string literals of the sources: those of this tool exist, and messages of the library
  /// name none.
  @Test func optionsInMessagesExist() throws {
    var known: Set<String> = ["--help", "--version"]
    for command in try Self.commands() {
      known.formUnion(Self.options(ofHelp: try ToolRun(command, "--help").output))
    }
    // Options of other programs, and variables of style sheets.
    let others: [String: Set<String>] = [
      "DLACUDA": [
        "--gpu-architecture", "--std", "--device-as-default-execution-space", "--upgrade",
      ]
    ]
    let sources = Fixtures.package.appending(path: "Sources")
    let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
    var count = 0
    while let file = files?.nextObject() as? URL {
      guard file.pathExtension == "swift", file.lastPathComponent != "Page+Style.swift" else {
        continue
      }
      let module = file.pathComponents[sources.pathComponents.count]
      let allowed = module == "DLATool" ? known : others[module] ?? []
      for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      where !line.drop(while: { $0 == " " }).hasPrefix("//") {
        for match in line.matches(of: #/(?:^|[^A-Za-z0-9-])(--[a-z][a-z0-9-]*[a-z0-9])/#) {
          let option = String(match.1)
          count += 1
          #expect(allowed.contains(option), "\(file.lastPathComponent): \(option)")
        }
      }
    }
    #expect(count > 100)
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
    ["info", "--model", ""], ["info", "extra"], ["completions"], ["completions", "tcsh"],
    ["man", "x"],
    ["train"], ["explain"], ["evaluate"], ["classify", "--tune", "maybe", "x"],
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

  /// Linux has a device that is always full.
  @Test func aFullDiskIsAnError() throws {
    guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
    let run = try ToolRun("models", output: URL(filePath: "/dev/full"))
    #expect(run.status == 1)
    #expect(run.errorLines.count == 1)
  }
}
