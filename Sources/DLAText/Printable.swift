import DLASystem

/// Text in quotes, with quotes inside it escaped.
///
/// Quotes are matched as Unicode scalars: a combining mark makes one another `Character`.
package func quoted(_ text: String, _ quote: Unicode.Scalar, inside: String) -> String {
  var result = String(quote)
  for scalar in text.unicodeScalars {
    if scalar == quote { result += inside } else { result.unicodeScalars.append(scalar) }
  }
  result.unicodeScalars.append(quote)
  return result
}

/// A path or name for a message: on one line and complete, so that it can be found.
///
/// - Returns: `path` with control, format and separator characters written as `\u{…}`, and bytes
///   that are no text as `\xB9`.
package func printablePath(_ path: String) -> String { printable(path, limit: .max) }

/// Text from a file for a message: on one line, without hidden characters, truncated.
///
/// - Returns: `text` with control, format and separator characters written as `\u{…}`.
package func printable(_ text: String, limit: Int = 100) -> String {
  var line = ""
  for (count, scalar) in text.unicodeScalars.enumerated() {
    guard count < limit else { return line + "…" }
    if PathText.byte(scalar) != nil {
      line += PathText.shown(String(scalar))
      continue
    }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
      line += "\\u{\(String(scalar.value, radix: 16))}"
    default: line.unicodeScalars.append(scalar)
    }
  }
  return line
}

/// The first few names and how many more there are, for instance `a, b, c … and 112 more`.
package func summary(of names: [String], limit: Int = 3) -> String {
  let first = names.prefix(limit).map { printable($0) }.joined(separator: ", ")
  return names.count > limit ? "\(first) … and \(names.count - limit) more" : first
}
