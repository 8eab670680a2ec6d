import DLASystem
import DLAText

/// Results go to standard output, everything else to standard error.
enum Console {
  /// Results could not be written: a full disk or a closed pipe.
  struct OutputError: Error, CustomStringConvertible {
    let reason: String
    var description: String { "standard output can't be written: \(reason)" }
  }

  private static let output: Int32 = 1
  private static let errors: Int32 = 2

  /// - Throws: `OutputError` if the text can't be written.
  static func print(_ text: String) throws(OutputError) {
    if let reason = Platform.write(Array((text + "\n").utf8), to: output) {
      throw OutputError(reason: reason)
    }
  }

  static func warn(_ text: String) { writeError("dla: " + printablePath(text) + "\n") }

  /// Shows an error with the options that may resolve it.
  static func warn(_ error: any Error, in command: (any Command.Type)?) {
    warn(Advice.message(error, in: command))
  }

  /// Shows the usage after a wrong command line.
  static func showUsage(_ text: String) { writeError(text + "\n") }

  static var isTerminal: Bool { Platform.isTerminal(errors) }

  /// Shows a line that the next one replaces; only on a terminal.
  static func progress(_ text: String) {
    if isTerminal { writeError("\r\u{1B}[K\(text)") }
  }

  static func endProgress() { progress("") }

  /// A failure is ignored: there is nowhere to report it.
  private static func writeError(_ text: String) {
    _ = Platform.write(Array(text.utf8), to: errors)
  }
}

/// A file that can't be used: one line with what to do.
struct InputError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

enum OutputFile {
  /// Refuses to replace a file that is also read.
  static func requireApart(_ output: String, from input: String) throws {
    guard !areSameFile(output, input) else {
      throw UsageError("\(output) is read and would be replaced; name another file to write")
    }
  }
}
