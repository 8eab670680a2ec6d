/// A broken rule of a file format, before it is known which file it was found in.
package struct Fault: Error {
  package enum Code: Sendable {
    /// The file breaks the rules of its format, or was cut short.
    case malformed
    /// The file is sound but uses a feature that is not supported.
    case unsupported
  }

  package let code: Code
  /// The finding and the expectation.
  package let text: String

  package init(_ text: String, code: Code = .malformed) {
    (self.code, self.text) = (code, text)
  }
}
