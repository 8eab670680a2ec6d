/// Why weights could not be fetched.
package struct HubError: Error, Sendable, CustomStringConvertible {
  /// What kind of failure it is.
  package enum Code: Sendable {
    /// libcurl is not installed.
    case noLibrary
    /// An address, a token or an expected SHA-256 can't be used as it is.
    case unusableRequest
    /// The connection could not be made or broke off too often.
    case connection
    /// The server refused, with a status of HTTP, or its answer makes no sense.
    case refused
    /// What arrived is no checkpoint: a web page, for instance.
    case notCheckpoint
    /// What arrived has another size or SHA-256 than it should have.
    case otherContent
    /// More bytes than weights of these networks have.
    case tooLarge
    /// The system could not write or read a file, for instance because the disk is full.
    case file
  }

  /// What kind of failure it is.
  package let code: Code
  /// One line: what was found, what was expected, what to do.
  package let message: String

  /// The message.
  package var description: String { message }

  /// Describes a failure.
  ///
  /// - Parameters:
  ///   - code: what kind of failure it is.
  ///   - message: one line: what was found, what was expected, what to do.
  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }
}
