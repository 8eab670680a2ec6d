/// The manual page `dla(1)` in the syntax of groff's man macros.
enum ManualPage {
  static var text: String {
    let header = """
      .TH DLA 1 "" "dla \(Tool.version)" "User Commands"
      .SH NAME
      dla \\- classify images with Deep Layer Aggregation networks
      .SH SYNOPSIS
      .B dla
      .I COMMAND
      .RI [ OPTION .\\|.\\|.]
      .SH DESCRIPTION
      \(roff(HelpText.about))
      .SH COMMANDS
      """
    let environment = HelpText.environment.map { ".TP\n.B \(roff($0.0))\n\(roff($0.1))" }
    return
      ([header] + Tool.commands.map(section) + [".SH ENVIRONMENT"] + environment + [
        """
        .SH EXIT STATUS
        .TP
        .B 0
        Success.
        .TP
        .B 1
        Some or all of the work failed.
        .TP
        .B 64
        The command line is wrong.
        """
      ]).joined(separator: "\n")
  }

  private static func section(_ command: any Command.Type) -> String {
    var lines = [
      ".SS \"\(roff("dla \(command.name) \(command.synopsis)", inQuotes: true))\"",
      roff(command.summary),
    ]
    for block in HelpText.blocks(command.details) {
      switch block {
      case .paragraph(let text): lines += [".PP", roff(text)]
      case .definition(let term, let text): lines += [".TP", roff(term), roff(text)]
      }
    }
    for option in command.options {
      let value = option.value.map { " \" \(roff($0, inQuotes: true))\"" } ?? ""
      lines += [".TP", ".BI \(roff(option.name))\(value)", roff(option.help)]
    }
    return lines.joined(separator: "\n")
  }

  /// Text without characters that have a meaning in roff; an option can be copied from the page.
  private static func roff(_ text: String, inQuotes: Bool = false) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\[rs]"
      case "-": result += "\\-"
      case "\"" where inQuotes: result += "\\[dq]"
      case "'": result += "\\[aq]"
      case _ where scalar.isASCII: result.unicodeScalars.append(scalar)
      default:
        let digits = String(scalar.value, radix: 16, uppercase: true)
        result += "\\[u\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)]"
      }
    }
    // A line that begins with a dot would be a request.
    return result.hasPrefix(".") ? "\\&" + result : result
  }
}

enum ManCommand: Command {
  static let name = "man"
  static let summary = "Print the manual page, for man -l - or an installation."
  static let synopsis = ""
  static let options: [Option] = []

  static func run(_ arguments: Arguments) async throws -> Bool {
    if let word = arguments.positional.first { throw UsageError("unexpected argument \(word)") }
    try Console.print(ManualPage.text)
    return true
  }
}
