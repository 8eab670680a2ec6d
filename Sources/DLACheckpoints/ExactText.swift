import DLACore

/// Text that equals other text only if all of its bytes do.
///
/// `String` treats different spellings of a letter as equal, and takes time that grows with the
/// square of a run of combining marks: 14 seconds for a hostile name of 200 kB. Names from a file
/// are compared and hashed as bytes, as the reference implementation does.
package struct ExactText: Hashable, ExpressibleByStringLiteral {
  /// The text.
  package let text: String

  package init(_ text: String) { self.text = text }

  package init(stringLiteral text: String) { self.text = text }

  package static func == (first: Self, second: Self) -> Bool {
    first.text.utf8.count == second.text.utf8.count
      && first.text.utf8.elementsEqual(second.text.utf8)
  }

  package func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}

/// The first few names and how many more there are, for instance `a, b, c … and 112 more`.
///
/// - Parameters:
///   - names: all names.
///   - limit: the most names that are written out.
/// - Returns: one line.
func summary(of names: [String], limit: Int = 3) -> String {
  let first = names.prefix(limit).map { printable($0) }.joined(separator: ", ")
  return names.count > limit ? "\(first) … and \(names.count - limit) more" : first
}

/// A number and its noun, for instance `1 tensor` or `3 tensors`.
///
/// - Parameters:
///   - number: how many.
///   - noun: the thing in the singular.
///   - plural: the thing in the plural, if that does not just end in s.
/// - Returns: both.
func counted(_ number: Int, _ noun: String, plural: String? = nil) -> String {
  "\(number) \(number == 1 ? noun : plural ?? noun + "s")"
}
