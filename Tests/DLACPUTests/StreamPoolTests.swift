import DLACPU
import DLASystem
import Testing

struct StreamPoolTests {
  @Test(arguments: [(1, 1, 1), (1, 5, 5), (2, 5, 2), (3, 3, 1), (4, 7, 1)])
  func threadsAreDividedEvenly(streams: Int, threads: Int, share: Int) {
    let pool = StreamPool(count: streams, threads: threads)
    #expect(pool.threadsPerStream == share)
    #expect(pool.streams.map(\.threads.count) == Array(repeating: share, count: streams))
    #expect(pool.streams.map(\.index) == Array(0..<streams))
  }

  @Test func aStreamHasOneUserAndAllStreamsAreUsedAtOnce() {
    let callers = Callers(StreamPool(count: 2, threads: 2))
    ThreadPool(count: 6).run(callers)
    #expect(callers.calls == 6 * Callers.callsEach)
    #expect(callers.maxAtOnce == 2)
    #expect(!callers.sharedAStream)
  }

  @Test func oneCallerKeepsItsStream() {
    let pool = StreamPool(count: 3, threads: 3)
    #expect((0..<4).map { _ in pool.withStream { $0.index } } == [0, 0, 0, 0])
  }

  @Test func anErrorGivesTheStreamBack() {
    struct Failure: Error {}
    let pool = StreamPool(count: 1, threads: 1)
    for _ in 0..<3 {
      #expect(throws: Failure.self) { try pool.withStream { _ in throw Failure() } }
    }
    #expect(pool.withStream { $0.index } == 0)
  }
}

/// More threads than streams.
private final class Callers: ParallelJob {
  static let callsEach = 50

  private struct Seen {
    var inUse: Set<Int> = []
    var calls = 0
    var maxAtOnce = 0
    var sharedAStream = false
  }
  private let pool: StreamPool
  private let seen = Locked(Seen())
  private let allInUse = Condition()

  init(_ pool: StreamPool) { self.pool = pool }

  var calls: Int { seen.withLock { $0.calls } }
  var maxAtOnce: Int { seen.withLock { $0.maxAtOnce } }
  var sharedAStream: Bool { seen.withLock { $0.sharedAStream } }

  func work(worker: Int) {
    for _ in 0..<Self.callsEach {
      pool.withStream { stream in
        seen.withLock { seen in
          seen.calls += 1
          if !seen.inUse.insert(stream.index).inserted { seen.sharedAStream = true }
          seen.maxAtOnce = max(seen.maxAtOnce, seen.inUse.count)
        }
        // Holds the stream until every stream has a user.
        allInUse.wakeAll()
        allInUse.wait { maxAtOnce == pool.streams.count }
        _ = seen.withLock { $0.inUse.remove(stream.index) }
      }
    }
  }
}
