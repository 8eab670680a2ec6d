/// One subcommand of `dla`.
///
/// Help texts, the manual page and the completions of shells are made from these properties.
protocol Command: SendableMetatype {
  static var name: String { get }
  /// One line for the list of commands.
  static var summary: String { get }
  /// The arguments after the name, for instance `[--top K] PATH...`.
  static var synopsis: String { get }
  static var options: [Option] { get }
  /// The values that shells offer for arguments that are not options.
  static var operands: Option.Values { get }
  /// Further help in the format of `HelpText.Block`; may be empty.
  static var details: String { get }

  /// Runs the command.
  ///
  /// - Returns: whether all work succeeded; failures have been reported.
  /// - Throws: `UsageError` for a wrong command line, any other error for work that failed.
  static func run(_ arguments: Arguments) async throws -> Bool
}

extension Command {
  static var details: String { "" }
  static var operands: Option.Values { .none }
}

/// One option of a command.
struct Option: Sendable {
  /// With its dashes, for instance `--top`.
  let name: String
  /// The placeholder of its value in help texts; nil for a switch.
  let value: String?
  let help: String
  /// True if it may be given more than once.
  let canRepeat: Bool
  /// The words that a shell offers, if the placeholder does not list them.
  private let words: [String]?

  init(
    _ name: String, _ value: String? = nil, _ help: String, canRepeat: Bool = false,
    words: [String]? = nil
  ) {
    (self.name, self.value, self.help, self.canRepeat) = (name, value, help, canRepeat)
    self.words = words
  }

  /// Values that a shell can offer.
  enum Values: Equatable, Sendable {
    case none, files, folders, models
    case words([String])
  }

  /// The values that a shell can offer, by the placeholder.
  var values: Values {
    if let words { return .words(words) }
    guard let value else { return .none }
    if ["FILE", "OUT", "PATH"].contains(where: value.hasPrefix) { return .files }
    if ["FOLDER", "RUN"].contains(value) { return .folders }
    if value.hasPrefix("MODEL") { return .models }
    guard value.contains("|") else { return .none }
    // `cuda[:N]` is offered as `cuda`.
    return .words(value.split(separator: "|").map { String($0.prefix { $0 != "[" }) })
  }
}

/// A wrong command line: exit status 64, `EX_USAGE` of sysexits.h.
struct UsageError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
