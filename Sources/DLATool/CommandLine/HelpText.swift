/// Help texts, wrapped to 80 columns.
enum HelpText {
  static let width = 80
  /// The widest term beside which its description stands; below wider ones it has its own line.
  private static let maxTerm = 26

  static let about =
    "Deep Layer Aggregation networks (arXiv:1707.06484): classify images, evaluate, train."
  static let environment = [
    (
      "DLA_CACHE",
      "The folder for downloaded weights, packed weights and tuning results; off disables it. "
        + "Default: the user's cache folder."
    )
  ]

  static var overview: String {
    let rows = Tool.commands.map { (term: $0.name, text: $0.summary) }
    return lines(
      wrapped(about) + ["", "Usage: dla COMMAND [OPTION...]", "", "Commands:"] + definitions(rows)
        + ["", "Environment:"] + definitions(environment.map { (term: $0.0, text: $0.1) }) + [""]
        + wrapped("dla COMMAND --help shows the options of a command, dla --version the version."))
  }

  static func help(_ command: any Command.Type) -> String {
    let usage = "Usage: dla \(command.name) "
    let details = blocks(command.details)
    let options = command.options + [Option("--help", nil, "Show this text.")]
    let rows = options.map { option in
      (term: option.name + (option.value.map { " \($0)" } ?? ""), text: option.help)
    }
    return lines(
      wrapped(command.summary) + [""]
        + wrapped(usage + command.synopsis, hanging: usage.count) + [""]
        + (details.isEmpty ? [] : rendered(details) + [""]) + ["Options:"] + definitions(rows))
  }

  /// A part of a command's details.
  enum Block: Equatable {
    /// Lines without indentation; an empty line ends it.
    case paragraph(String)
    /// A line `  TERM  DESCRIPTION`; lines with deeper indentation continue it.
    case definition(term: String, text: String)
  }

  static func blocks(_ text: String) -> [Block] {
    var blocks: [Block] = []
    var isOpen = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let words = trimmed(line)
      let indentation = line.prefix { $0 == " " }.count
      switch (indentation, blocks.last) {
      case _ where words.isEmpty: isOpen = false
      case (1...2, _):
        let term = words.firstRange(of: "  ").map { words[..<$0.lowerBound] } ?? words[...]
        blocks.append(
          .definition(term: String(term), text: trimmed(words[term.endIndex...])))
        isOpen = true
      case (3..., .definition(let term, let text)) where isOpen:
        blocks[blocks.count - 1] = .definition(term: term, text: "\(text) \(words)")
      case (_, .paragraph(let text)) where isOpen:
        blocks[blocks.count - 1] = .paragraph("\(text) \(words)")
      default:
        blocks.append(.paragraph(words))
        isOpen = true
      }
    }
    return blocks
  }

  /// Paragraphs with empty lines around them, and definitions as columns.
  private static func rendered(_ blocks: [Block]) -> [String] {
    var result: [String] = []
    var rest = blocks[...]
    while let block = rest.popFirst() {
      switch block {
      case .paragraph(let text): result += (result.isEmpty ? [] : [""]) + wrapped(text)
      case .definition(let term, let text):
        var rows = [(term: term, text: text)]
        while case .definition(let term, let text)? = rest.first {
          rows.append((term, text))
          rest.removeFirst()
        }
        result += definitions(rows)
      }
    }
    return result
  }

  /// Terms in a column of their own, descriptions beside them.
  private static func definitions(_ rows: [(term: String, text: String)]) -> [String] {
    let column = (rows.map(\.term.count).filter { $0 <= maxTerm }.max() ?? 0) + 4
    return rows.flatMap { term, text in
      let padding = column - term.count - 2
      let first = "  \(term)" + String(repeating: " ", count: max(0, padding))
      return term.count <= column - 4
        ? wrapped(text, first: first, hanging: column)
        : ["  \(term)"]
          + wrapped(text, first: String(repeating: " ", count: column), hanging: column)
    }
  }

  /// Words in lines of at most 80 columns; a longer word has a line of its own.
  static func wrapped(_ text: String, first: String = "", hanging: Int = 0) -> [String] {
    var result: [String] = []
    var line = first
    var isEmpty = true
    for word in text.split(separator: " ") {
      if !isEmpty, line.count + 1 + word.count > width {
        result.append(line)
        (line, isEmpty) = (String(repeating: " ", count: hanging), true)
      }
      line += isEmpty ? "\(word)" : " \(word)"
      isEmpty = false
    }
    return result + [line]
  }

  private static func trimmed(_ text: some StringProtocol) -> String {
    let rest = text.drop { $0 == " " }
    return String(rest.reversed().drop { $0 == " " }.reversed())
  }

  private static func lines(_ lines: [String]) -> String {
    lines.map { line in String(line.reversed().drop { $0 == " " }.reversed()) }
      .joined(separator: "\n")
  }
}
