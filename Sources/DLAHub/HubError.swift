/// A failed download.
package struct HubError: Error, Sendable, CustomStringConvertible {
  package enum Code: Sendable {
    case noLibrary
    /// An invalid address, token or expected SHA-256.
    case unusableRequest
    case connection
    /// The environment forbids requests, and no cache has the file.
    case offline
    /// An HTTP error, an invalid response or a forbidden redirect.
    case refused
    /// The file is no checkpoint but, for instance, a web page.
    case notCheckpoint
    /// The file has another size or SHA-256 than expected.
    case otherContent
    /// The file is larger than any weights of these networks.
    case tooLarge
    case exists
    /// A file could not be read or written, for instance because the disk is full.
    case file
  }

  package let code: Code
  /// One line: what was found, what was expected, what to do.
  package let message: String

  package var description: String { message }

  package init(_ code: Code, _ message: String) {
    (self.code, self.message) = (code, message)
  }
}
