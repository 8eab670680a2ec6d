/// Limits of a download.
package struct FetchLimits: Sendable {
  /// Maximum size, in bytes.
  package var bytes = 4 << 30
  /// Consecutive attempts with little progress.
  package var brokenConnections = 5
  /// New bytes that count as progress.
  package var progressBytes = 1 << 20
  /// Responses with status 429 or 5xx.
  package var busyAnswers = 3
  /// Restarts from the first byte.
  package var restarts = 3
  package var attempts = 100
  /// Redirects per attempt.
  package var redirects = 10
  /// Seconds without data after which a connection is closed.
  package var silence = 60
  /// Seconds before the second attempt, doubled before each further one.
  package var firstPause = 0.2
  package var longestPause = 30.0

  package init() {}
}
