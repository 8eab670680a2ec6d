/// What a download may cost.
package struct FetchLimits: Sendable {
  /// Bytes of a file.
  package var bytes = 4 << 30
  /// Attempts in a row that bring little new.
  package var brokenConnections = 5
  /// Bytes that are not little: a server that sends some and then nothing is given up.
  package var progressBytes = 1 << 20
  /// Answers that the server is too busy.
  package var busyAnswers = 3
  /// Starts from the beginning although something was there.
  package var restarts = 3
  /// Attempts of all kinds, for a server that sends a few bytes each time.
  package var attempts = 100
  /// Redirects from one address to the next.
  package var redirects = 10
  /// Seconds without a byte after which a connection is given up.
  package var silence = 60
  /// Seconds before the second attempt; twice as long before each further one.
  package var firstPause = 0.2
  /// Seconds that a server may ask to wait.
  package var longestPause = 30.0

  /// What `dla pull` allows.
  package init() {}
}
