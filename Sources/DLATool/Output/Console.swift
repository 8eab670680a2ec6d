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

  /// - Throws: `OutputError` if nobody can receive results.
  static func print(_ text: String) throws(OutputError) {
    if let reason = Platform.write(Array((text + "\n").utf8), to: output) {
      throw OutputError(reason: reason)
    }
  }

  static func warn(_ text: String) { writeError("dla: " + printablePath(text) + "\n") }

  /// Shows a help text that nobody asked for.
  static func showUsage(_ text: String) { writeError(text + "\n") }

  /// Whether a person looks on, to whom lines can be shown that the next ones replace.
  static var isTerminal: Bool { Platform.isTerminal(errors) }

  /// Shows a line that the next one replaces; only on a terminal.
  static func progress(_ text: String) {
    if isTerminal { writeError("\r\u{1B}[K\(text)") }
  }

  /// Removes the progress line.
  static func endProgress() { progress("") }

  /// Nothing can be done where even errors have no reader.
  private static func writeError(_ text: String) {
    _ = Platform.write(Array(text.utf8), to: errors)
  }
}
