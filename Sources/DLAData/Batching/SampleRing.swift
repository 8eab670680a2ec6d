import DLASystem

/// Threads that read samples into a ring of fixed size, and batches of them in order.
///
/// ```
/// next ─▶ worker threads ─▶ ring of slots ─▶ batches
/// ```
///
/// Each sample has a number, in the order of `next`, and is written to slot `number % capacity` by a
/// worker thread. A batch consists of the next samples that can be read, one slot after another; those
/// that can't be read are reported in their places. Only then are images moved: the readable ones
/// before a gap close up to those behind it. So what a batch holds follows from the samples alone and
/// not from the threads.
package final class SampleRing<Title: Sendable, Item: Sendable>: Sendable {
  /// Samples that can be read, one after another in memory.
  package struct Batch {
    /// The number of batches before this one.
    package let index: Int
    /// Images in the batch; 0 where no sample was left that can be read.
    package let count: Int
    package let isLast: Bool
    /// Room for as many images as were asked for; those behind `count` are undefined.
    package let images: UnsafeMutableBufferPointer<Float>
  }

  /// A sample that was read, or could not be.
  private struct Outcome: Sendable {
    let title: Title
    let error: (any Error)?
  }

  private struct State: Sendable {
    /// Finished samples, by number modulo the capacity.
    var outcomes: [Outcome?]
    /// The number of the sample to be read next.
    var reading = 0
    /// The number of samples, once known.
    var end: Int?
    /// The first slot of the batch that is being formed.
    var forming = 0
    /// The first slots of batches that were handed out and not given back.
    var held: [Int] = []
    /// The sample that a thread waits for.
    var awaited: Int?
    var isStopped = false
  }

  /// Not sendable; only called under a lock.
  private struct Source: @unchecked Sendable {
    let next: () -> (title: Title, item: Item)?
  }

  /// The number of the sample to be taken next, and of batches so far; locked by the thread that
  /// forms a batch.
  private struct Cursor: Sendable {
    var sample = 0
    var batches = 0
  }

  private let source: Locked<Source>
  private let cursor = Locked(Cursor())
  private let state: Locked<State>
  private let slots: SampleSlots
  private let workers: ThreadGroup

  /// Starts to read.
  ///
  /// `next` gives samples in order, nil after the last, and is called by one thread at a time. The
  /// item is released once it is written, the title is kept until its batch is formed. `write`
  /// reads an item into its slot of `length` numbers; several threads call it at once. At least 2
  /// `batches` fit the ring: those that are held and those read ahead.
  ///
  /// - Throws: ``ImageError`` with `.outOfMemory` if the system refuses memory or threads.
  package init(
    _ next: @escaping () -> (title: Title, item: Item)?, batchSize: Int, batches: Int, length: Int,
    threads: Int, group: ThreadGroup = ThreadGroup(),
    write: @escaping @Sendable (Item, UnsafeMutableBufferPointer<Float>) throws -> Void
  ) throws(ImageError) {
    precondition(batchSize >= 1 && batches >= 2, "\(batches) batches of \(batchSize) are too few")
    slots = try SampleSlots(capacity: batchSize * batches, spare: batchSize - 1, length: length)
    source = Locked(Source(next: next))
    state = Locked(State(outcomes: Array(repeating: nil, count: batchSize * batches)))
    workers = group
    guard group.start(threads, { self.work(write) }) > 0 else {
      throw ImageError(.outOfMemory, "the system granted no thread to decode images")
    }
  }

  private var capacity: Int { slots.capacity }

  /// Ends all threads of the group and waits until they have ended.
  package func stop() {
    state.change { $0.isStopped = true }
    workers.join()
  }
}

// MARK: - Reading

extension SampleRing {
  private func work(_ write: (Item, UnsafeMutableBufferPointer<Float>) throws -> Void) {
    while let (number, title, item) = take() {
      var failure: (any Error)?
      do { try write(item, slots[number]) } catch { failure = error }
      let isAwaited = state.withLock { state in
        state.outcomes[number % capacity] = Outcome(title: title, error: failure)
        return state.awaited == number
      }
      if isAwaited { state.wakeAll() }
    }
  }

  /// The next sample and its number, as soon as its slot is free; nil when there are no more.
  private func take() -> (number: Int, title: Title, item: Item)? {
    // One thread at a time, so that numbers are in the order of samples.
    source.withLock { source in
      let hasSlot = state.wait { state in
        if state.isStopped || state.end != nil { return false }
        return state.reading - (state.held.first ?? state.forming) < capacity ? true : nil
      }
      guard hasSlot else { return nil }
      guard let (title, item) = source.next() else {
        state.change { $0.end = $0.reading }
        return nil
      }
      return state.withLock { state in
        defer { state.reading += 1 }
        return (state.reading, title, item)
      }
    }
  }
}

// MARK: - Batches

extension SampleRing {
  /// Forms the next batch; several threads may ask, and then hold several.
  ///
  /// `visit` is called for each sample in order, with the reason if it can't be read; it returns
  /// whether the batch may continue.
  ///
  /// - Returns: a batch of `count` images, of fewer where samples end or `visit` ends it; nil if there
  ///   is no further sample or the ring was stopped.
  /// - Throws: what `visit` throws; the ring can only be stopped then.
  package func next<Failure: Error>(
    _ count: Int, _ visit: (Title, (any Error)?) throws(Failure) -> Bool
  ) throws(Failure) -> Batch? {
    precondition((1...slots.spare + 1).contains(count), "the ring has no batches of \(count)")
    return try cursor.withLock { cursor throws(Failure) -> Batch? in
      let first = cursor.sample
      var start = first
      var readable: [Int] = []
      var isLast = false
      while readable.count < count {
        guard let outcome = outcome(cursor.sample) else {
          isLast = true
          break
        }
        if outcome.error == nil { readable.append(cursor.sample) }
        cursor.sample += 1
        // Gaps take slots that samples further on may need.
        if cursor.sample - start - readable.count >= count {
          start = closeUp(&readable, cursor.sample)
        }
        guard try visit(outcome.title, outcome.error) else { break }
      }
      guard cursor.sample > first, !state.withLock({ $0.isStopped }) else { return nil }
      start = closeUp(&readable, cursor.sample)
      state.withLock { state in
        state.held.append(start)
        state.forming = cursor.sample
      }
      defer { cursor.batches += 1 }
      return Batch(
        index: cursor.batches, count: readable.count, isLast: isLast,
        images: slots.run(from: start, images: readable.count, room: count))
    }
  }

  /// Gives back the batch that was handed out first; its slots are written again.
  package func release() { state.change { _ = $0.held.removeFirst() } }

  /// A sample's outcome, once it is read; nil after the last.
  private func outcome(_ number: Int) -> Outcome? {
    let outcome: Outcome?? = state.wait { state in
      if state.isStopped || state.end == number { return .some(nil) }
      guard let outcome = state.outcomes[number % capacity] else {
        state.awaited = number
        return nil
      }
      state.outcomes[number % capacity] = nil
      return .some(outcome)
    }
    return outcome ?? nil
  }

  /// Moves images up to the slots directly before `end`, and frees those before them.
  ///
  /// - Returns: the first slot of the images.
  private func closeUp(_ readable: inout [Int], _ end: Int) -> Int {
    let start = end - readable.count
    for (place, number) in readable.enumerated().reversed() where number != start + place {
      slots.copy(number, to: start + place)
    }
    readable = Array(start..<end)
    let isFreed = state.withLock { state in
      defer { state.forming = start }
      return state.held.isEmpty && start > state.forming
    }
    if isFreed { state.wakeAll() }
    return start
  }
}

// MARK: - Memory and threads

/// Memory of images, and of spare ones so that a batch can be contiguous where the ring closes.
///
/// Unchecked: a ring gives each slot to one thread at a time.
private final class SampleSlots: @unchecked Sendable {
  let capacity: Int
  let spare: Int
  private let length: Int
  private let memory: UnsafeMutableBufferPointer<Float>

  /// - Throws: `ImageError` with `.outOfMemory`.
  init(capacity: Int, spare: Int, length: Int) throws(ImageError) {
    let count = (capacity + spare) * length
    let bytes = count * MemoryLayout<Float>.stride
    guard let address = Platform.map(bytes: bytes) else {
      throw ImageError(
        .outOfMemory,
        "the system refused \(bytes >> 20) MiB for batches of \(spare + 1) images; make them smaller"
      )
    }
    (self.capacity, self.spare, self.length) = (capacity, spare, length)
    memory = UnsafeMutableBufferPointer(
      start: address.bindMemory(to: Float.self, capacity: count), count: count)
  }

  deinit {
    guard let address = memory.baseAddress else { return }
    Platform.unmap(address, bytes: memory.count * MemoryLayout<Float>.stride)
  }

  private func slot(_ place: Int, count: Int = 1) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(rebasing: memory[place * length..<(place + count) * length])
  }

  subscript(number: Int) -> UnsafeMutableBufferPointer<Float> { slot(number % capacity) }

  func copy(_ number: Int, to other: Int) { _ = self[other].update(fromContentsOf: self[number]) }

  /// Slots one after another, with room for `room` images; those beyond the end come from the start.
  func run(from start: Int, images: Int, room: Int) -> UnsafeMutableBufferPointer<Float> {
    let place = start % capacity
    let beyond = place + images - capacity
    if beyond > 0 {
      _ = slot(capacity, count: beyond).update(fromContentsOf: slot(0, count: beyond))
    }
    return slot(place, count: room)
  }
}

package final class ThreadGroup: Sendable {
  private let running = Locked(0)

  package init() {}

  /// Starts threads.
  ///
  /// - Returns: how many the system granted.
  package func start(_ count: Int, _ body: @escaping @Sendable () -> Void) -> Int {
    (0..<count).count { _ in
      running.withLock { $0 += 1 }
      let isStarted = Platform.startThread {
        body()
        self.running.change { $0 -= 1 }
      }
      if !isStarted { running.withLock { $0 -= 1 } }
      return isStarted
    }
  }

  package func join() { running.wait { $0 == 0 ? () : nil } }
}
