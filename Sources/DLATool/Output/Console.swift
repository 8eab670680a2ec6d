import Foundation

/// Results go to standard output, everything else to standard error.
enum Console {
  static func print(_ text: String) {
    FileHandle.standardOutput.write(Data((text + "\n").utf8))
  }

  static func warn(_ text: String) {
    FileHandle.standardError.write(Data(("dla: " + singleLine(text) + "\n").utf8))
  }

  /// Shows a line that the next one replaces; only on a terminal.
  static func progress(_ text: String) {
    guard isTerminal else { return }
    FileHandle.standardError.write(Data("\r\u{1B}[K\(text)".utf8))
  }

  /// Removes the progress line.
  static func endProgress() { progress("") }

  private static let isTerminal = isatty(2) == 1

  /// Control characters, which file names may hold, are shown as escapes.
  private static func singleLine(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      scalar.value < 0x20 || scalar.value == 0x7F
        ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
    }.joined()
  }
}
