import DLASystem
import DeepLayerAggregation

/// The command `dla`.
@main
enum Tool {
  static let version = packageVersion

  private static var commands: [any Command.Type] {
    [
      ClassifyCommand.self, ExplainCommand.self, EvaluateCommand.self, TrainCommand.self,
      ModelsCommand.self,
      PreprocessCommand.self,
      RunCommand.self, PullCommand.self, ConvertCommand.self, BenchmarkCommand.self,
      InfoCommand.self,
    ]
  }

  /// Exit statuses: 0 all done, 1 something failed, 64 wrong usage.
  static func main() async {
    let words = CommandLine.arguments.dropFirst()
    do {
      Platform.exit(try await run(words) ? 0 : 1)
    } catch let error as UsageError {
      let name = words.first.flatMap(command).map { " \($0.name)" } ?? ""
      Console.warn("\(name.dropFirst())\(name.isEmpty ? "" : ": ")\(error); see dla\(name) --help")
      Platform.exit(64)
    } catch let error as UnknownModelError {
      Console.warn("\(error)")
      Platform.exit(64)
    } catch {
      Console.warn("\(error)")
      Platform.exit(1)
    }
  }

  private static func run(_ words: ArraySlice<String>) async throws -> Bool {
    guard let name = words.first else {
      Console.showUsage(overview)
      Platform.exit(64)
    }
    let rest = words.dropFirst()
    switch name {
    case "--help", "-h", "help":
      try Console.print(rest.first.flatMap(command)?.help ?? overview)
    case "--version":
      try Console.print("dla \(version)")
    default:
      guard let command = command(name) else {
        let names = commands.map { $0.name }.joined(separator: ", ")
        throw UsageError("no command is named \"\(name)\"; there are \(names)")
      }
      guard !rest.prefix(while: { $0 != "--" }).contains(where: { $0 == "--help" || $0 == "-h" })
      else {
        try Console.print(command.help)
        return true
      }
      return try await command.run(Arguments(rest, options: command.options))
    }
    return true
  }

  private static func command(_ name: String) -> (any Command.Type)? {
    commands.first { $0.name == name }
  }

  private static var overview: String {
    let rows = commands.map { ["  " + $0.name, $0.summary] }
    return """
      Deep Layer Aggregation networks (arXiv:1707.06484): classify images and more.

      Usage: dla COMMAND [OPTION...]

      Commands:
      \(Table(rows: rows, alignment: [.left, .left]))

      dla COMMAND --help shows what a command accepts; dla --version shows the version.
      The environment variable DLA_CACHE names a folder for weights, or is off.
      """
  }
}
