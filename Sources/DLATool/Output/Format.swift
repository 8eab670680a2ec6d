import DLAText

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A number of bytes in units of 1,024, for instance `1.5 MiB`.
func bytes(_ count: Int) -> String {
  count < 1 << 20
    ? fixed(Double(count) / 1024, 1) + " KiB" : fixed(Double(count) / 1_048_576, 1) + " MiB"
}

/// Machine-readable results: one line, keys in snake case and in alphabetical order.
enum JSON {
  static func line(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  static func array(_ values: [some Encodable]) throws -> String {
    try "[" + values.map { "\n  " + (try line($0)) }.joined(separator: ",") + "\n]"
  }
}

enum ProgressBar {
  private static let width = 20

  /// For instance `[#########...........]   43%`.
  static func bar(_ share: Double) -> String {
    let share = min(1, max(0, share))
    let filled = Int(share * Double(width))
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
    let percent = "\(Int(share * 100))%"
    return "[\(bar)]  \(String(repeating: " ", count: 4 - percent.count))\(percent)"
  }
}

enum CommandWords {
  private static let plain = Set(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%".unicodeScalars)

  /// The words with spaces between them, those with special characters in quotes.
  static func line(_ words: [String]) -> String {
    words.map { word in
      !word.isEmpty && word.unicodeScalars.allSatisfy(plain.contains)
        ? word : quoted(word, "'", inside: #"'\''"#)
    }.joined(separator: " ")
  }
}
