import DLASystem
import DeepLayerAggregation

@main
enum Tool {
  static let version = packageVersion

  /// All commands; help, manual page and completions are made from this table.
  static let commands: [any Command.Type] = [
    ClassifyCommand.self, ExplainCommand.self, EvaluateCommand.self, TrainCommand.self,
    ModelsCommand.self, PreprocessCommand.self, RunCommand.self, PullCommand.self,
    ConvertCommand.self, BenchmarkCommand.self, InfoCommand.self, CompletionsCommand.self,
    ManCommand.self,
  ]

  /// Exit statuses: 0 success, 1 some work failed, 64 wrong usage.
  static func main() async {
    let words = Platform.arguments.dropFirst()
    let command = words.first.flatMap(command)
    do {
      Platform.exit(try await run(words) ? 0 : 1)
    } catch let error as UsageError {
      let name = command.map { " \($0.name)" } ?? ""
      Console.warn("\(name.dropFirst())\(name.isEmpty ? "" : ": ")\(error); see dla\(name) --help")
      Platform.exit(64)
    } catch {
      Console.warn(error, in: command)
      Platform.exit(error is UnknownModelError ? 64 : 1)
    }
  }

  private static func run(_ words: ArraySlice<String>) async throws -> Bool {
    guard let name = words.first else {
      Console.showUsage(HelpText.overview)
      Platform.exit(64)
    }
    let rest = words.dropFirst()
    switch name {
    case "--help", "-h", "help":
      try Console.print(rest.first.flatMap(command).map(HelpText.help) ?? HelpText.overview)
    case "--version":
      try Console.print("dla \(version)")
    default:
      guard let command = command(name) else {
        let names = commands.map { $0.name }.joined(separator: ", ")
        throw UsageError("no command is named \"\(name)\"; there are \(names)")
      }
      guard !rest.prefix(while: { $0 != "--" }).contains(where: { $0 == "--help" || $0 == "-h" })
      else {
        try Console.print(HelpText.help(command))
        return true
      }
      return try await command.run(Arguments(rest, options: command.options))
    }
    return true
  }

  private static func command(_ name: String) -> (any Command.Type)? {
    commands.first { $0.name == name }
  }
}
