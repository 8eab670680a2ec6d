#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Machine-readable results: one line, keys in snake case and in alphabetical order.
enum JSON {
  static func line(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// An array with one element a line.
  static func array(_ values: [some Encodable]) throws -> String {
    try "[" + values.map { "\n  " + (try line($0)) }.joined(separator: ",") + "\n]"
  }
}
