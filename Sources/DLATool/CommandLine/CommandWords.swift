import DLAText

/// Words of a command line as a person would type them into a shell.
enum CommandWords {
  private static let plain = Set(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%".unicodeScalars)

  /// The words with spaces between them, those in quotes that a shell would take for something else.
  static func line(_ words: [String]) -> String {
    words.map { word in
      !word.isEmpty && word.unicodeScalars.allSatisfy(plain.contains)
        ? word : quoted(word, "'", inside: #"'\''"#)
    }.joined(separator: " ")
  }
}
