import DeepLayerAggregation
import Foundation

/// The command `dla`.
@main
enum Tool {
  static let version = "0.1.0"

  private static var commands: [any Command.Type] {
    [
      ClassifyCommand.self, ModelsCommand.self, PreprocessCommand.self, RunCommand.self,
      BenchmarkCommand.self, InfoCommand.self,
    ]
  }

  /// Exit statuses: 0 all done, 1 something failed, 64 wrong usage.
  static func main() async {
    signal(SIGPIPE, SIG_IGN)
    exit(await run(CommandLine.arguments.dropFirst()))
  }

  private static func run(_ words: ArraySlice<String>) async -> Int32 {
    guard let name = words.first else {
      Console.showUsage(overview)
      return 64
    }
    switch name {
    case "--help", "-h", "help":
      if let topic = words.dropFirst().first, let command = command(topic) {
        Console.print(command.help)
      } else {
        Console.print(overview)
      }
      return 0
    case "--version":
      Console.print("dla \(version)")
      return 0
    default: break
    }
    guard let command = command(name) else {
      let names = commands.map { $0.name }.joined(separator: ", ")
      Console.warn("no command is named \"\(name)\"; there are \(names)")
      return 64
    }
    let rest = words.dropFirst()
    if rest.prefix(while: { $0 != "--" }).contains(where: { $0 == "--help" || $0 == "-h" }) {
      Console.print(command.help)
      return 0
    }
    do {
      return try await command.run(Arguments(rest, options: command.options)) ? 0 : 1
    } catch let error as UsageError {
      Console.warn("\(name): \(error); see dla \(name) --help")
      return 64
    } catch let error as UnknownModelError {
      Console.warn("\(name): \(error)")
      return 64
    } catch {
      Console.warn("\(error)")
      return 1
    }
  }

  private static func command(_ name: String) -> (any Command.Type)? {
    commands.first { $0.name == name }
  }

  private static var overview: String {
    let rows = commands.map { ["  " + $0.name, $0.summary] }
    return """
      Deep Layer Aggregation networks (arXiv:1707.06484): classify photographs and more.

      Usage: dla COMMAND [OPTION...]

      Commands:
      \(Table(rows: rows, alignment: [.left, .left]))

      dla COMMAND --help shows what a command accepts; dla --version shows the version.
      """
  }
}
