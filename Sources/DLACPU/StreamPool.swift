import DLASystem

/// Streams: thread pools of equal size, each of which runs one inference at a time.
///
/// Safe to use from several threads at once. Calls that find no free stream sleep, and are served
/// in the order in which they came.
package final class StreamPool: Sendable {
  package struct Stream: Sendable {
    package let index: Int
    package let threads: ThreadPool
  }

  package let streams: [Stream]
  /// Threads of each stream, including the caller.
  package let threadsPerStream: Int

  private let turns: FairQueue

  /// Starts the threads.
  ///
  /// Every stream gets as many threads as the others, so that one plan suits all; the rest are not
  /// started.
  package init(count: Int, threads: Int) {
    precondition(
      (1...max(1, threads)).contains(count),
      "\(count) streams were asked for, \(threads) threads serve 1 to \(threads)")
    var share = threads / count
    var pools: [ThreadPool] = []
    // The system may grant some pools fewer threads; then all become as small as the smallest.
    repeat {
      pools = []
      for _ in 0..<count { pools.append(ThreadPool(count: share, total: share * count)) }
      share = pools.reduce(share) { min($0, $1.count) }
    } while pools.contains { $0.count > share }
    streams = pools.enumerated().map { Stream(index: $0, threads: $1) }
    threadsPerStream = share
    turns = FairQueue(count: count)
  }

  /// Uses a stream that no other call uses, and sleeps until there is one; `body` must not ask for
  /// another.
  ///
  /// - Returns: what `body` returns.
  /// - Throws: what `body` throws.
  package func withStream<Result, Failure: Error>(
    _ body: (Stream) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try turns.withTurn { (index) throws(Failure) in try body(streams[index]) }
  }

  /// Uses all streams at once, and sleeps until no other call uses one; `body` must not ask for
  /// one.
  ///
  /// - Returns: what `body` returns.
  /// - Throws: what `body` throws.
  package func withAllStreams<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result { try turns.withAllTurns(body) }
}
