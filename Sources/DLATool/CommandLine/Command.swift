/// One subcommand of `dla`.
protocol Command {
  static var name: String { get }
  /// One line for the list of commands.
  static var summary: String { get }
  /// What follows the name, for instance `[--top K] PATH...`.
  static var synopsis: String { get }
  static var options: [Option] { get }
  /// More about the command for its help text; may be empty.
  static var details: String { get }

  /// Does the work.
  ///
  /// - Returns: whether all of it was done; what was not is already reported.
  /// - Throws: `UsageError` for a wrong command line, any other error for work that failed.
  static func run(_ arguments: Arguments) async throws -> Bool
}

extension Command {
  static var details: String { "" }

  static var help: String {
    let rows = (options + [Option("--help", nil, "Show this text.")]).map { option in
      (name: "  " + option.name + (option.value.map { " \($0)" } ?? ""), help: option.help)
    }
    let width = rows.map(\.name.count).filter { $0 <= widestName }.max() ?? 0
    var text = "\(summary)\n\nUsage: dla \(name) \(synopsis)\n\n"
    if !details.isEmpty { text += details + "\n\n" }
    // What follows a longer name would stand far to the right: it has a line of its own.
    let lines = rows.map { name, help in
      let padding = String(repeating: " ", count: max(0, width - name.count) + 2)
      return name.count <= width
        ? name + padding + help : name + "\n" + String(repeating: " ", count: width + 2) + help
    }
    return text + "Options:\n" + lines.joined(separator: "\n")
  }

  /// The longest name beside which an option's help stands.
  private static var widestName: Int { 26 }
}
