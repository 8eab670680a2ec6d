import DLAText
import DeepLayerAggregation

/// Scripts that let shells complete commands, options and their values.
enum Completions {
  enum Shell: String, CaseIterable {
    case bash, zsh, fish
  }

  static func script(_ shell: Shell) -> String {
    switch shell {
    case .bash: bash
    case .zsh: zsh
    case .fish: fish
    }
  }

  private static let models = Variant.all.map(\.name)
  private static var names: [String] { Tool.commands.map { $0.name } }

  private static func options(_ command: any Command.Type) -> [Option] {
    command.options + [Option("--help", nil, "Show the help.")]
  }

  /// The words of a value; nil where a shell offers files.
  private static func words(_ values: Option.Values) -> [String]? {
    switch values {
    case .words(let words): words
    case .models: models
    case .none, .files, .folders: nil
    }
  }

  // MARK: - bash

  /// An empty reply lets bash offer files (`-o default`).
  private static var bash: String {
    let cases = Tool.commands.map { command in
      let values = command.options.compactMap { option in
        option.value.map { _ in
          "        \(option.name)) "
            + (words(option.values).map { "words='\($0.joined(separator: " "))'" } ?? "return")
            + " ;;"
        }
      }
      let names = options(command).map(\.name).joined(separator: " ")
      let operands = (words(command.operands) ?? []).joined(separator: " ")
      return """
            \(command.name))
              case "$previous" in
        \(values.map { $0 + "\n" }.joined())        *) [[ "$word" == -* ]] && words='\(names)' || words='\(operands)' ;;
              esac
              ;;
        """
    }
    let commands = (names + ["help", "--help", "--version"]).joined(separator: " ")
    return """
      # bash completion for dla
      _dla() {
        local word="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}" words=
        COMPREPLY=()
        # bash splits NAME=VALUE at the sign.
        if [ "$word" = = ]; then
          word=
        elif [ "$previous" = = ]; then
          previous="${COMP_WORDS[COMP_CWORD-2]}"
        fi
        if [ "$COMP_CWORD" -eq 1 ]; then
          COMPREPLY=($(compgen -W '\(commands)' -- "$word"))
          return
        fi
        case "${COMP_WORDS[1]}" in
          help) words='\(names.joined(separator: " "))' ;;
      \(cases.joined(separator: "\n"))
        esac
        COMPREPLY=($(compgen -W "$words" -- "$word"))
      }
      complete -o default -F _dla dla
      """
  }

  // MARK: - zsh

  private static var zsh: String {
    let commands = Tool.commands.map { "    \(quoted("\($0.name):\(sentence($0.summary))"))" }
    let cases = Tool.commands.map { command in
      let specifications = options(command).map { option in
        let repeats = option.canRepeat ? "*" : ""
        let text =
          "\(repeats)\(option.name)\(option.value == nil ? "" : "=")[\(zsh(sentence(option.help)))]"
        return quoted(text + (option.value.map { ":\(zsh($0)):\(action(option.values))" } ?? ""))
      }
      let operands =
        command.operands == .none ? [] : [quoted("*:argument:\(action(command.operands))")]
      return
        "    \(command.name)) _arguments -s \((specifications + operands).joined(separator: " ")) ;;"
    }
    return """
      #compdef dla
      # zsh completion for dla
      _dla() {
        local -a commands
        commands=(
      \(commands.joined(separator: "\n"))
        )
        if (( CURRENT == 2 )); then
          _describe command commands
          return
        fi
        local command=$words[2]
        shift words
        (( CURRENT-- ))
        case $command in
      \(cases.joined(separator: "\n"))
        esac
      }
      if [ "$funcstack[1]" = _dla ]; then _dla "$@"; else compdef _dla dla; fi
      """
  }

  private static func action(_ values: Option.Values) -> String {
    switch values {
    case .none: " "
    case .files: "_files"
    case .folders: "_files -/"
    case .models, .words: "(\((words(values) ?? []).joined(separator: " ")))"
    }
  }

  /// Text without characters that separate the parts of a specification.
  private static func zsh(_ text: String) -> String {
    text.reduce(into: "") { result, character in
      if "[]:\\".contains(character) { result.append("\\") }
      result.append(character)
    }
  }

  // MARK: - fish

  private static var fish: String {
    var lines = ["# fish completion for dla"]
    for command in Tool.commands {
      let condition = "-n '__fish_seen_subcommand_from \(command.name)'"
      lines.append(
        "complete -c dla -n __fish_use_subcommand -f -a \(command.name) "
          + "-d \(quoted(sentence(command.summary)))")
      if let words = words(command.operands) {
        lines.append("complete -c dla \(condition) -f -a '\(words.joined(separator: " "))'")
      } else if command.operands == .none {
        lines.append("complete -c dla \(condition) -f")
      }
      for option in options(command) {
        let name =
          option.name.hasPrefix("--")
          ? "-l \(option.name.dropFirst(2))" : "-s \(option.name.dropFirst())"
        lines.append(
          "complete -c dla \(condition) \(name)\(fish(option)) -d \(quoted(sentence(option.help)))")
      }
    }
    return lines.joined(separator: "\n")
  }

  private static func fish(_ option: Option) -> String {
    guard option.value != nil else { return "" }
    switch option.values {
    case .none: return " -x"
    case .files: return " -r -F"
    case .folders: return " -x -a '(__fish_complete_directories)'"
    case .models, .words:
      return " -x -a '\((words(option.values) ?? []).joined(separator: " "))'"
    }
  }

  // MARK: - Text

  private static func sentence(_ text: String) -> String {
    let end = text.firstRange(of: ". ")?.lowerBound ?? text.endIndex
    return String(text[..<end]).trimmingSuffix(".")
  }

  private static func quoted(_ text: String) -> String {
    DLAText.quoted(text, "'", inside: #"'\''"#)
  }
}

extension String {
  fileprivate func trimmingSuffix(_ suffix: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
  }
}

enum CompletionsCommand: Command {
  static let name = "completions"
  static let summary = "Print a completion script for a shell."
  static let synopsis = Completions.Shell.allCases.map(\.rawValue).joined(separator: "|")
  static let options: [Option] = []
  static let operands = Option.Values.words(Completions.Shell.allCases.map(\.rawValue))
  static let details = """
    For the running shell:
      bash  source <(dla completions bash)
      zsh   source <(dla completions zsh), after compinit
      fish  dla completions fish | source
    """

  static func run(_ arguments: Arguments) async throws -> Bool {
    guard arguments.positional.count == 1,
      let shell = Completions.Shell(rawValue: arguments.positional[0])
    else { throw UsageError("the name of one shell is expected: \(synopsis)") }
    try Console.print(Completions.script(shell))
    return true
  }
}
