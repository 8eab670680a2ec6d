/// One option a command accepts.
struct Option: Sendable {
  /// With its dashes, for instance `--top`.
  let name: String
  /// What its value is called in the help text; nil for a switch.
  let value: String?
  let help: String
  /// Whether it may be given several times.
  let canRepeat: Bool

  init(_ name: String, _ value: String? = nil, _ help: String, canRepeat: Bool = false) {
    self.canRepeat = canRepeat
    self.name = name
    self.value = value
    self.help = help
  }
}

/// A wrong command line: exit status 64, as sysexits.h names it.
struct UsageError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
