import DLACore

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
