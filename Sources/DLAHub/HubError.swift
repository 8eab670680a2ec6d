/// A failed download.
package struct HubError: Error, Sendable, CustomStringConvertible {
  /// The cause of a failure.
  package enum Code: Sendable {
    /// libcurl is not installed.
    case noLibrary
    /// An invalid address, token or expected SHA-256.
    case unusableRequest
    /// The connection failed too often.
    case connection
    /// An HTTP error, an invalid response or a forbidden redirect.
    case refused
    /// The file is no checkpoint but, for instance, a web page.
    case notCheckpoint
    /// The file has another size or SHA-256 than expected.
    case otherContent
    /// The file is larger than any weights of these networks.
    case tooLarge
    /// The destination exists.
    case exists
    /// A file could not be read or written, for instance because the disk is full.
    case file
  }

  /// The cause of the failure.
  package let code: Code
  /// One line: what was found, what was expected, what to do.
  package let message: String

  /// The message.
  package var description: String { message }

  /// Creates an error.
  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }
}
