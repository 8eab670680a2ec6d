import DLAData
import DLAGraph
import DLASystem
import DLATensor

/// Classifies images in order, decoding some while the network runs on others.
///
/// ```
/// next ─▶ decoding threads ─▶ ring of images ─▶ streams of the network ─▶ report
/// ```
///
/// Decoding and inference share the CPU threads: whichever is ahead waits for the other. Memory does
/// not grow with the number of images.
package struct ClassificationPipeline: Sendable {
  private let classifier: Classifier
  private let batchSize: Int
  private let decodeThreads: Int

  /// Describes a pipeline; without `decodeThreads` as many as there are processors read and decode.
  ///
  /// - Precondition: `batchSize` and `decodeThreads` are at least 1.
  package init(_ classifier: Classifier, batchSize: Int, decodeThreads: Int? = nil) {
    precondition(batchSize >= 1, "a batch has at least one image, not \(batchSize)")
    precondition(decodeThreads ?? 1 >= 1, "\(decodeThreads ?? 1) threads can't decode")
    (self.classifier, self.batchSize) = (classifier, batchSize)
    self.decodeThreads = decodeThreads ?? Platform.processorCount
  }

  /// Classifies images until there are no more or `report` ends it.
  ///
  /// `next` returns title and source of each image, nil after the last; it is called on other
  /// threads, by one at a time. The source is released once the image is decoded. Several threads
  /// call `image` at once. `report` is called on this thread in the order of `next`, with the class
  /// scores or the reason why there are none; it returns whether to continue.
  ///
  /// - Throws: errors of `report` and of the network; `ImageError` or `RuntimeError` with
  ///   `.outOfMemory` if the system refuses memory or threads. No thread is left then.
  package func run<Title: Sendable, Item: Sendable>(
    _ next: @escaping () -> (title: Title, item: Item)?,
    image: @escaping @Sendable (Item) throws -> RGBImage,
    report: (Title, Result<ArraySlice<Float>, any Error>) throws -> Bool
  ) throws {
    let batches = try ScoredBatches(
      next, classifier: classifier, batchSize: batchSize, decodeThreads: decodeThreads, image: image
    )
    defer { batches.stop() }
    let classes = classifier.network.classes
    while let batch = try batches.next() {
      var scores = batch.scores[...]
      for (title, error) in batch.samples {
        let result: Result<ArraySlice<Float>, any Error> =
          if let error { .failure(error) } else { .success(scores.prefix(classes)) }
        if error == nil { scores = scores.dropFirst(classes) }
        guard try report(title, result) else { return }
      }
    }
  }
}

/// Batches that are decoded and scored on threads of their own, handed out in order.
final class ScoredBatches<Title: Sendable, Item: Sendable>: Sendable {
  /// Consecutive samples and their scores.
  struct Batch: Sendable {
    /// The samples in order, with the reason where there is no image.
    let samples: [(title: Title, error: (any Error)?)]
    /// [images, classes]: the scores of the samples that have an image.
    let scores: [Float]
  }

  private struct State: Sendable {
    /// Scored batches that were not handed out, by index.
    var scored: [Int: Result<Batch, any Error>] = [:]
    /// The batch to be handed out next.
    var delivering = 0
    /// Streams that still run.
    var streams = 0
  }

  private let ring: SampleRing<Title, Item>
  private let threads = ThreadGroup()
  private let state = Locked(State())
  private let network: Network
  private let batchSize: Int
  private let side: Int

  /// Starts the threads; fewer than asked for suffice, but not none.
  ///
  /// - Throws: `ImageError` or `RuntimeError` with `.outOfMemory`.
  init(
    _ next: @escaping () -> (title: Title, item: Item)?, classifier: Classifier, batchSize: Int,
    decodeThreads: Int, image: @escaping @Sendable (Item) throws -> RGBImage
  ) throws {
    let preprocessor = classifier.preprocessor
    network = classifier.network
    self.batchSize = batchSize
    side = preprocessor.preset.crop
    let streams = network.configuration.streams
    // For each stream a batch that runs and one that is ready, and one to fill.
    ring = try SampleRing(
      next, batchSize: batchSize, batches: 2 * streams + 1,
      length: preprocessor.channels * side * side,
      threads: decodeThreads, group: threads
    ) { item, target in preprocessor.normalize(try preprocessor.pixels(image(item)), into: target) }
    state.withLock { $0.streams = streams }
    let started = threads.start(streams) {
      self.score()
      self.state.change { $0.streams -= 1 }
    }
    guard started > 0 else {
      ring.stop()
      throw RuntimeError(code: .outOfMemory, message: "the system granted no thread to classify")
    }
    state.change { $0.streams -= streams - started }
  }

  /// Ends all threads, and waits until they have ended.
  func stop() { ring.stop() }

  /// The next batch in order, as soon as it is scored; nil after the last.
  ///
  /// - Throws: the network's error at this batch.
  func next() throws -> Batch? {
    let result: Result<Batch, any Error>?? = state.wait { state in
      if let result = state.scored.removeValue(forKey: state.delivering) { return .some(result) }
      return state.streams == 0 ? .some(nil) : nil
    }
    guard let batch = try (result ?? nil)?.get() else { return nil }
    state.withLock { $0.delivering += 1 }
    ring.release()
    return batch
  }

  /// Scores batches until there are no more: the work of one stream.
  private func score() {
    // Unreadable samples are reported at the latest after this many, whether or not a batch is full.
    let limit = 8 * batchSize
    while true {
      var samples: [(title: Title, error: (any Error)?)] = []
      guard
        let images = ring.next(
          batchSize,
          { title, error in
            samples.append((title, error))
            return samples.count < limit
          })
      else { return }
      let scores = Result { try self.scores(images) }
      state.change { state in
        state.scored[images.index] = scores.map { Batch(samples: samples, scores: $0) }
      }
    }
  }

  /// Runs the network on a batch.
  private func scores(_ batch: SampleRing<Title, Item>.Batch) throws -> [Float] {
    guard batch.count > 0 else { return [] }
    let isPadded =
      batch.isLast && !network.gainsFromPlan(of: batch.count, insteadOf: batchSize, side: side)
    let count = isPadded ? batchSize : batch.count
    let shape = [count, network.inChannels, side, side]
    let images = UnsafeBufferPointer(rebasing: batch.images[..<shape.reduce(1, *)])
    let logits = try network(images, shape: shape).logits.elements
    return Array(logits.prefix(batch.count * network.classes))
  }
}

extension Network {
  /// Multiply-adds that one thread does in the time a plan takes to pack one parameter: 10 ns at about
  /// 60 multiply-adds each, measured for dla34 and dla46_c with AVX2.
  private static let multiplyAddsPerPackedParameter = 600.0

  /// True if planning for a smaller batch, which packs the weights again, costs less than computing
  /// images that are not there.
  fileprivate func gainsFromPlan(of count: Int, insteadOf batchSize: Int, side: Int) -> Bool {
    // Plans of GPUs compile kernels, and tuned ones time every layer.
    guard configuration.device == .cpu, configuration.tuning == nil else { return false }
    let image = graph.multiplyAdds(input: SpatialSize(height: side, width: side))
    let saved = Double((batchSize - count) * image)
    let threads = Double(configuration.threads / configuration.streams)
    return saved > Double(graph.parameterCount) * threads * Self.multiplyAddsPerPackedParameter
  }
}
