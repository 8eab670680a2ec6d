import Foundation

/// Results go to standard output, everything else to standard error.
enum Console {
  /// Ends the program with status 1 if nobody can receive results: a full disk, a closed pipe.
  static func print(_ text: String) {
    do {
      try FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8))
    } catch {
      warn("standard output can't be written: \(error.localizedDescription)")
      exit(1)
    }
  }

  static func warn(_ text: String) {
    writeError("dla: " + singleLine(text) + "\n")
  }

  /// Shows a line that the next one replaces; only on a terminal.
  static func progress(_ text: String) {
    guard isTerminal else { return }
    writeError("\r\u{1B}[K\(text)")
  }

  /// Removes the progress line.
  static func endProgress() { progress("") }

  /// Shows a help text that nobody asked for.
  static func showUsage(_ text: String) { writeError(text + "\n") }

  /// Nothing can be done where even errors have no reader.
  private static func writeError(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }

  private static let isTerminal = isatty(2) == 1

  /// Control characters, which file names may hold, are shown as escapes.
  private static func singleLine(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      scalar.value < 0x20 || scalar.value == 0x7F
        ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
    }.joined()
  }
}
