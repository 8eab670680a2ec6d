import DLAGraph
import DLASystem

/// The batches of a pipeline, which go round: filled, scored, handed out, filled again.
///
/// Everything is in the order of the items: the places they get, the batches that are scored, and
/// those that are handed out.
final class PipelineBatches<Title: Sendable, Item: Sendable>: Sendable {
  /// An image to be decoded and where it belongs.
  struct Place: Sendable {
    let item: Item
    fileprivate let batch: Int
    fileprivate let index: Int
  }

  /// A batch and what the network says of it.
  struct Batch: Sendable {
    fileprivate(set) var titles: [Title] = []
    /// Why there is no image, by place.
    fileprivate(set) var errors: [Int: any Error] = [:]
    /// [N, classes]; empty if there was no image at all.
    fileprivate(set) var scores: [Float] = []
    /// Places whose images are being decoded.
    fileprivate var pending = 0
    /// Whether no further item will get a place.
    fileprivate var isClosed = false
    fileprivate var isScored = false

    fileprivate var isFilled: Bool { isClosed && pending == 0 }
  }

  private struct State: Sendable {
    /// The batches that are in use, by their number modulo how many there are.
    var ring: [Batch]
    /// Numbers of the batches to be filled, scored and handed out next.
    var filling = 0
    var scoring = 0
    var delivering = 0
    /// How many batches there are, once that is known.
    var end: Int?
    var failure: (any Error)?
    var isStopped = false
    var threads = 0
  }

  /// What hands out items; only ever used under its lock.
  private struct Source: @unchecked Sendable {
    let next: () -> (title: Title, item: Item)?
  }

  private let source: Locked<Source>
  private let state: Locked<State>
  private let inputs: [BatchInput]
  private let shape: [Int]

  /// - Throws: `RuntimeError` with `.outOfMemory`.
  init(
    _ next: @escaping () -> (title: Title, item: Item)?, classifier: Classifier, batchSize: Int
  ) throws(RuntimeError) {
    // For each stream a batch that it works on and one that is ready, and one to fill.
    let depth = 2 * classifier.network.configuration.streams + 1
    let side = classifier.preprocessor.preset.crop
    shape = [batchSize, 3, side, side]
    var inputs: [BatchInput] = []
    for _ in 0..<depth {
      inputs.append(try BatchInput(images: batchSize, floats: 3 * side * side))
    }
    self.inputs = inputs
    source = Locked(Source(next: next))
    state = Locked(State(ring: Array(repeating: Batch(), count: depth)))
  }

  private var depth: Int { inputs.count }
  private var batchSize: Int { shape[0] }
}

// MARK: - Threads

extension PipelineBatches {
  /// Starts a thread that ``stop()`` waits for.
  ///
  /// - Returns: whether the system granted it.
  func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
    state.withLock { $0.threads += 1 }
    let isStarted = Platform.startThread {
      body()
      self.state.change { $0.threads -= 1 }
    }
    if !isStarted { state.withLock { $0.threads -= 1 } }
    return isStarted
  }

  /// Has all threads end, and waits until they have.
  func stop() {
    state.change { $0.isStopped = true }
    state.wait { $0.threads == 0 ? () : nil }
  }
}

// MARK: - Filling

extension PipelineBatches {
  /// The next item and its place, as soon as there is a batch with room; nil when there are no more.
  func place() -> Place? {
    // One thread at a time, so that places are in the order of items.
    source.withLock { source in
      let hasRoom = state.wait { state in
        if state.isStopped || state.end != nil { return false }
        return state.filling - state.delivering < depth ? true : nil
      }
      guard hasRoom else { return nil }
      guard let (title, item) = source.next() else {
        state.change { state in
          let number = state.filling
          state.ring[number % depth].isClosed = true
          state.end = state.ring[number % depth].titles.isEmpty ? number : number + 1
        }
        return nil
      }
      // Nobody can go on before this place is filled, so nobody is woken.
      return state.withLock { state in
        let number = state.filling
        let index = state.ring[number % depth].titles.count
        state.ring[number % depth].titles.append(title)
        state.ring[number % depth].pending += 1
        if index + 1 == batchSize {
          state.ring[number % depth].isClosed = true
          state.filling += 1
        }
        return Place(item: item, batch: number, index: index)
      }
    }
  }

  /// Has `write` put an image, [3, H, W], in its place.
  func fill(_ place: Place, _ write: (UnsafeMutableBufferPointer<Float>) throws -> Void) {
    var failure: (any Error)?
    do {
      try write(inputs[place.batch % depth].image(place.index))
    } catch {
      failure = error
    }
    let isFilled = state.withLock { state in
      state.ring[place.batch % depth].errors[place.index] = failure
      state.ring[place.batch % depth].pending -= 1
      return state.ring[place.batch % depth].isFilled
    }
    if isFilled { state.wakeAll() }
  }
}

// MARK: - Scoring

extension PipelineBatches {
  /// The number of the oldest batch that nobody has scored, as soon as it is full; nil behind the last.
  func filled() -> Int? {
    let number: Int?? = state.wait { state in
      if state.isStopped || state.scoring == state.end { return .some(nil) }
      let number = state.scoring
      guard number - state.delivering < depth, state.ring[number % depth].isFilled else {
        return nil
      }
      state.scoring += 1
      return .some(number)
    }
    return number ?? nil
  }

  /// Runs the network on a batch that is full.
  func score(_ number: Int, with network: Network) {
    let hasImages = state.withLock { state in
      let batch = state.ring[number % depth]
      return batch.errors.count < batch.titles.count
    }
    let scores = Result {
      hasImages
        ? try network(inputs[number % depth].all, shape: shape).logits.elements : []
    }
    state.change { state in
      switch scores {
      case .success(let scores): state.ring[number % depth].scores = scores
      case .failure(let error): state.failure = error
      }
      state.ring[number % depth].isScored = true
    }
  }
}

// MARK: - Handing out

extension PipelineBatches {
  /// The next batch in order, as soon as it is scored; nil behind the last.
  ///
  /// - Throws: what the network threw, for whatever batch.
  func scored() throws -> Batch? {
    let result: Result<Batch?, any Error> = state.wait { state in
      if let failure = state.failure { return .failure(failure) }
      if state.delivering == state.end { return .success(nil) }
      let batch = state.ring[state.delivering % depth]
      return batch.isScored ? .success(batch) : nil
    }
    return try result.get()
  }

  /// Lets the batch that was handed out last be filled again.
  func recycle() {
    state.change { state in
      state.ring[state.delivering % depth] = Batch()
      state.delivering += 1
    }
  }
}
