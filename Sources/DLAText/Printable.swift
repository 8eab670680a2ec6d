/// A text between quotes, with those inside it written otherwise.
///
/// Quotes are found as scalars: as a character one may have marks upon it and look like another.
///
/// - Parameters:
///   - text: any text.
///   - quote: what stands before and behind it.
///   - inside: what is written for a quote in the text.
/// - Returns: the text with its quotes.
package func quoted(_ text: String, _ quote: Unicode.Scalar, inside: String) -> String {
  var result = String(quote)
  for scalar in text.unicodeScalars {
    if scalar == quote { result += inside } else { result.unicodeScalars.append(scalar) }
  }
  result.unicodeScalars.append(quote)
  return result
}

/// A path or another name as it may stand in a message: on one line and whole, so that it can be
/// found.
///
/// - Parameter path: any text.
/// - Returns: `path` with control, format and separator characters written as `\u{…}`.
package func printablePath(_ path: String) -> String { printable(path, limit: .max) }

/// Text from a file as it may stand in a message: on one line, without hidden characters, not long.
///
/// - Parameters:
///   - text: any text.
///   - limit: the most Unicode scalars that are kept.
/// - Returns: `text` with control, format and separator characters written as `\u{…}`.
package func printable(_ text: String, limit: Int = 100) -> String {
  var line = ""
  for (count, scalar) in text.unicodeScalars.enumerated() {
    guard count < limit else { return line + "…" }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
      line += "\\u{\(String(scalar.value, radix: 16))}"
    default: line.unicodeScalars.append(scalar)
    }
  }
  return line
}

/// The first few names and how many more there are, for instance `a, b, c … and 112 more`.
///
/// - Parameters:
///   - names: all names.
///   - limit: the most names that are written out.
/// - Returns: one line.
package func summary(of names: [String], limit: Int = 3) -> String {
  let first = names.prefix(limit).map { printable($0) }.joined(separator: ", ")
  return names.count > limit ? "\(first) … and \(names.count - limit) more" : first
}
