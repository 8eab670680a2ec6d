import DLAData
import DLASystem
import Testing

/// Batches of a ring hold the readable samples in order, whatever the threads do.
struct SampleRingTests {
  private struct Unreadable: Error, Equatable {
    let number: Int
  }

  /// A batch as a ring formed it: the numbers in its images, and the samples that were visited.
  private struct Batch: Equatable {
    var images: [Int] = []
    var visited: [Int] = []
    var isLast = false
  }

  /// Numbers from 0, counted as they are handed out.
  private final class Source: Sendable {
    private let taken = Locked(0)
    private let count: Int

    init(_ count: Int) { self.count = count }

    var handedOut: Int { taken.withLock { $0 } }

    /// Sleeps until so many numbers were handed out.
    func wait(for count: Int) { taken.wait { $0 >= count ? () : nil } }

    func next() -> (title: Int, item: Int)? {
      taken.change { taken in
        guard taken < count else { return nil }
        defer { taken += 1 }
        return (taken, taken)
      }
    }
  }

  private static let length = 5

  private static func ring(
    _ source: Source, batchSize: Int, batches: Int = 2, threads: Int,
    isReadable: @escaping @Sendable (Int) -> Bool = { _ in true },
    before: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws -> SampleRing<Int, Int> {
    try SampleRing(
      source.next, batchSize: batchSize, batches: batches, length: length, threads: threads
    ) { number, image in
      before(number)
      // The slot of an unreadable sample must not matter.
      image.update(repeating: isReadable(number) ? Float(number) : .nan)
      guard isReadable(number) else { throw Unreadable(number: number) }
    }
  }

  /// The next batch, given back at once; nil after the last.
  private static func next(_ ring: SampleRing<Int, Int>, _ count: Int) -> Batch? {
    guard let (batch, _) = held(ring, count) else { return nil }
    ring.release()
    return batch
  }

  private static func held(
    _ ring: SampleRing<Int, Int>, _ count: Int
  ) -> (batch: Batch, images: UnsafeMutableBufferPointer<Float>)? {
    var batch = Batch()
    let formed = ring.next(count) { number, error in
      batch.visited.append(number)
      if let error { #expect(error as? Unreadable == Unreadable(number: number)) }
      return true
    }
    guard let formed else { return nil }
    #expect(formed.images.count == count * length)
    let images = UnsafeMutableBufferPointer(rebasing: formed.images[..<(formed.count * length)])
    batch.images = numbers(images)
    batch.isLast = formed.isLast
    return (batch, images)
  }

  /// The numbers in some images; -1 where the elements of one differ.
  private static func numbers(_ images: UnsafeMutableBufferPointer<Float>) -> [Int] {
    stride(from: 0, to: images.count, by: length).map { start in
      let image = images[start..<start + length]
      return image.allSatisfy { $0 == image[start] } ? Int(image[start]) : -1
    }
  }

  /// The batches of `count` samples, formed one sample after another.
  private static func expected(
    _ count: Int, _ batchSize: Int, isReadable: (Int) -> Bool
  ) -> [Batch] {
    var batches: [Batch] = []
    var batch = Batch()
    for number in 0..<count {
      batch.visited.append(number)
      if isReadable(number) { batch.images.append(number) }
      if batch.images.count == batchSize {
        batches.append(batch)
        batch = Batch()
      }
    }
    batch.isLast = true
    return batches + (batch.visited.isEmpty ? [] : [batch])
  }

  enum Pattern: CaseIterable {
    case all, none, first, last, everySecond, everySeventh, longGaps

    func isReadable(_ number: Int, of count: Int) -> Bool {
      switch self {
      case .all: true
      case .none: false
      case .first: number > 2
      case .last: number < count - 3
      case .everySecond: number % 2 == 0
      case .everySeventh: number % 7 != 3
      case .longGaps: number % 50 < 10
      }
    }
  }

  @Test(arguments: Pattern.allCases, [(1, 1), (1, 4), (3, 1), (3, 4), (8, 2), (8, 16)])
  func batchesHoldReadableSamplesInOrder(
    pattern: Pattern, size: (batch: Int, threads: Int)
  ) throws {
    for count in [0, 1, size.batch, 5 * size.batch + 1, 130] {
      let ring = try Self.ring(
        Source(count), batchSize: size.batch, threads: size.threads,
        isReadable: { pattern.isReadable($0, of: count) })
      var batches: [Batch] = []
      while let batch = Self.next(ring, size.batch) { batches.append(batch) }
      let expected = Self.expected(count, size.batch) { pattern.isReadable($0, of: count) }
      #expect(batches == expected, "\(count) samples")
      #expect(Self.next(ring, size.batch) == nil)
      ring.stop()
    }
  }

  /// The first of each four samples is written after the other three.
  @Test func theOrderOfThreadsDoesNotMatter() throws {
    let written = Locked<Set<Int>>([])
    let ring = try Self.ring(
      Source(40), batchSize: 4, threads: 4,
      before: { number in
        if number % 4 == 0 {
          written.wait { $0.isSuperset(of: number + 1..<number + 4) ? () : nil }
        }
        written.change { _ = $0.insert(number) }
      })
    defer { ring.stop() }
    for start in stride(from: 0, to: 40, by: 4) {
      #expect(Self.next(ring, 4)?.images == Array(start..<start + 4))
    }
  }

  @Test func smallerBatchesMayBeAskedFor() throws {
    let ring = try Self.ring(Source(11), batchSize: 4, threads: 2)
    defer { ring.stop() }
    #expect(Self.next(ring, 3)?.images == [0, 1, 2])
    #expect(Self.next(ring, 4)?.images == [3, 4, 5, 6])
    #expect(Self.next(ring, 1)?.images == [7])
    #expect(Self.next(ring, 4) == Batch(images: [8, 9, 10], visited: [8, 9, 10], isLast: true))
  }

  @Test func visitingMayEndABatch() throws {
    let ring = try Self.ring(Source(10), batchSize: 4, threads: 2, isReadable: { $0 % 3 == 0 })
    defer { ring.stop() }
    let batch = ring.next(4) { number, _ in number < 4 }
    #expect(batch?.count == 2 && batch?.isLast == false)
    ring.release()
    #expect(Self.next(ring, 4) == Batch(images: [6, 9], visited: [5, 6, 7, 8, 9], isLast: true))
  }

  @Test func errorsOfVisitingAreThrown() throws {
    let ring = try Self.ring(Source(.max), batchSize: 4, threads: 2)
    defer { ring.stop() }
    #expect(throws: Unreadable(number: 2)) {
      _ = try ring.next(4) { number, _ throws(Unreadable) in
        guard number < 2 else { throw Unreadable(number: number) }
        return true
      }
    }
  }

  /// Slots of batches in use are not written, and no more samples are read than there are slots.
  @Test(arguments: [1, 4]) func readingAheadIsBounded(threads: Int) throws {
    let source = Source(.max)
    let ring = try Self.ring(
      source, batchSize: 3, batches: 3, threads: threads, isReadable: { $0 % 4 != 1 })
    let first = try #require(Self.held(ring, 3))
    let second = try #require(Self.held(ring, 3))
    #expect(first.batch.images == [0, 2, 3] && second.batch.images == [4, 6, 7])
    // The first batch starts in slot 1: its gap was closed.
    source.wait(for: 1 + 9)
    ring.stop()
    #expect(source.handedOut == 1 + 9)
    #expect(Self.numbers(first.images) == [0, 2, 3] && Self.numbers(second.images) == [4, 6, 7])
  }

  @Test(arguments: [1, 4]) func aStoppedRingHasNoThreadsAndNoBatches(threads: Int) throws {
    let source = Source(.max)
    let group = ThreadGroup()
    let ring = try SampleRing<Int, Int>(
      source.next, batchSize: 2, batches: 2, length: 1, threads: threads, group: group
    ) { _, _ in }
    #expect(ring.next(2) { _, _ in true } != nil)
    ring.stop()
    group.join()
    let handedOut = source.handedOut
    #expect(handedOut <= 4)
    #expect(ring.next(2) { _, _ in true } == nil)
    #expect(source.handedOut == handedOut)
  }

  /// A thread that waits for a batch gets none when the ring is stopped.
  @Test func stoppingWakesThreadsThatWait() throws {
    let isOpen = Locked(false)
    let source = Source(.max)
    let ring = try Self.ring(
      source, batchSize: 2, threads: 1, before: { _ in isOpen.wait { $0 ? () : nil } })
    let waiting = ThreadGroup()
    let found = Locked<[Bool]>([])
    let waiters = waiting.start(2) {
      let batch = ring.next(2) { _, _ in true }
      found.withLock { $0.append(batch == nil) }
    }
    let stopping = ThreadGroup()
    let stoppers = stopping.start(1) { ring.stop() }
    #expect(waiters == 2 && stoppers == 1)
    waiting.join()
    isOpen.change { $0 = true }
    stopping.join()
    #expect(found.withLock { $0 } == [true, true])
  }

  @Test func memoryThatIsRefusedIsAnError() {
    let error = #expect(throws: ImageError.self) {
      _ = try SampleRing(
        Source(0).next, batchSize: 1 << 20, batches: 2, length: 1 << 30, threads: 1
      ) { _, _ in }
    }
    #expect(error?.code == .outOfMemory)
  }
}
