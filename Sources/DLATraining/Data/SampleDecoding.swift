import DLAData
import DLASystem

/// Decodes and changes an epoch's images on threads of its own, ahead of who asks for them, and
/// hands them out in order.
final class SampleDecoding: Sendable {
  /// An image that is ready, or why there is none.
  struct Decoded: Sendable {
    /// Its place in the epoch.
    let place: Int
    let label: Int
    let pixels: Result<RGBImage, any Error>
  }

  private struct State: Sendable {
    /// What is ready, by its number modulo the depth.
    var ring: [Decoded?]
    /// Numbers of the samples to be read and handed out next.
    var reading = 0
    var delivering = 0
    var isAtEnd = false
    var isStopped = false
    var threads = 0
  }

  /// What hands out samples; only ever used under its lock.
  private struct Source: @unchecked Sendable {
    var samples: EpochSamples
  }

  private let source: Locked<Source>
  private let state: Locked<State>
  private let depth: Int

  /// Starts to decode.
  ///
  /// - Parameters:
  ///   - samples: what is decoded.
  ///   - threads: how many decode.
  ///   - depth: images that are decoded ahead at most.
  ///   - decode: reads an image and changes it; called by several threads at once.
  /// - Throws: `TrainingError` if the system grants no thread.
  init(
    _ samples: EpochSamples, threads: Int, depth: Int,
    decode: @escaping @Sendable (_ sample: Sample, _ place: Int) throws -> RGBImage
  ) throws(TrainingError) {
    self.depth = depth
    source = Locked(Source(samples: samples))
    state = Locked(State(ring: Array(repeating: nil, count: depth)))
    let started = (0..<threads).count { _ in startThread { self.work(decode) } }
    guard started > 0 else {
      throw TrainingError(
        code: .unsuitableData, message: "the system granted no thread to decode images")
    }
  }

  private func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
    state.withLock { $0.threads += 1 }
    let isStarted = Platform.startThread {
      body()
      self.state.change { $0.threads -= 1 }
    }
    if !isStarted { state.withLock { $0.threads -= 1 } }
    return isStarted
  }

  private func work(_ decode: (_ sample: Sample, _ place: Int) throws -> RGBImage) {
    while let (number, item) = take() {
      let decoded: Decoded
      switch item.sample {
      case .failure(let error):
        decoded = Decoded(place: item.place, label: 0, pixels: .failure(error))
      case .success(let sample):
        decoded = Decoded(
          place: item.place, label: sample.label,
          pixels: Result { try decode(sample, item.place) })
      }
      state.change { $0.ring[number % depth] = decoded }
    }
  }

  /// The next sample and its number, as soon as there is room for its image; nil when all is done.
  private func take() -> (number: Int, item: EpochSamples.Item)? {
    // One thread at a time, so that numbers are in the order of samples.
    source.withLock { source in
      let hasRoom = state.wait { state in
        if state.isStopped || state.isAtEnd { return false }
        return state.reading - state.delivering < depth ? true : nil
      }
      guard hasRoom else { return nil }
      guard let item = source.samples.next() else {
        state.change { $0.isAtEnd = true }
        return nil
      }
      return state.withLock { state in
        defer { state.reading += 1 }
        return (state.reading, item)
      }
    }
  }

  /// The next image in order, as soon as it is ready; nil if there are no samples at all.
  func next() -> Decoded? {
    let decoded: Decoded?? = state.wait { state in
      if let ready = state.ring[state.delivering % depth] {
        state.ring[state.delivering % depth] = nil
        state.delivering += 1
        return .some(ready)
      }
      return state.isAtEnd && state.delivering == state.reading ? .some(nil) : nil
    }
    state.wakeAll()
    return decoded ?? nil
  }

  /// Has all threads end, and waits until they have.
  func stop() {
    state.change { $0.isStopped = true }
    state.wait { $0.threads == 0 ? () : nil }
  }
}
