import DLAData
import DLAGraph
import DLASystem

/// Decodes images while the network runs on others, and hands out class scores in order.
///
/// ```
/// next ─▶ decoding threads ─▶ batches ─▶ streams of the network ─▶ report
/// ```
///
/// Threads that decode fill batches; each stream of the network takes the oldest full one. There are
/// few batches and they are used again, so whoever is ahead waits for the others, memory does not
/// grow with the number of images, and no processor is idle while there is work of either kind.
public struct ClassificationPipeline: Sendable {
  private let classifier: Classifier
  private let batchSize: Int
  private let decodeThreads: Int

  /// Describes a pipeline.
  ///
  /// - Parameters:
  ///   - classifier: preprocesses and classifies; its network's engine says how many streams.
  ///   - batchSize: images that pass the network together.
  ///   - decodeThreads: threads that read, decode and resize; nil for as many as processors.
  /// - Precondition: `batchSize` and `decodeThreads` are at least 1.
  public init(_ classifier: Classifier, batchSize: Int, decodeThreads: Int? = nil) {
    precondition(batchSize >= 1, "a batch has at least one image, not \(batchSize)")
    precondition(decodeThreads ?? 1 >= 1, "\(decodeThreads ?? 1) threads can't decode")
    self.classifier = classifier
    self.batchSize = batchSize
    self.decodeThreads = decodeThreads ?? Platform.processorCount
  }

  /// Classifies images until there are no more or `report` has had enough.
  ///
  /// - Parameters:
  ///   - next: gives what images are called and what they are made of, nil behind the last; called
  ///     on other threads, by one at a time. What they are made of is let go once they are decoded.
  ///   - image: reads and decodes an image; called by several threads at once.
  ///   - report: called on this thread in the order of `next`, with the class scores or why there are
  ///     none; returns whether to go on.
  /// - Throws: what `report` throws; what the network throws; `RuntimeError` with `.outOfMemory` if
  ///   the system refuses threads.
  public func run<Title: Sendable, Item: Sendable>(
    _ next: @escaping () -> (title: Title, item: Item)?,
    image: @escaping @Sendable (Item) throws -> RGBImage,
    report: (Title, Result<ArraySlice<Float>, any Error>) throws -> Bool
  ) throws {
    let batches = try PipelineBatches(next, classifier: classifier, batchSize: batchSize)
    defer { batches.stop() }
    try start(batches, image)
    let classes = classifier.network.classes
    while let batch = try batches.scored() {
      for (place, title) in batch.titles.enumerated() {
        let result: Result<ArraySlice<Float>, any Error> =
          if let error = batch.errors[place] {
            .failure(error)
          } else {
            .success(batch.scores[place * classes..<(place + 1) * classes])
          }
        guard try report(title, result) else { return }
      }
      batches.recycle()
    }
  }

  /// Starts the threads; fewer than asked for will do, but not none.
  private func start<Title: Sendable, Item: Sendable>(
    _ batches: PipelineBatches<Title, Item>, _ image: @escaping @Sendable (Item) throws -> RGBImage
  ) throws(RuntimeError) {
    let preprocessor = classifier.preprocessor
    let network = classifier.network
    let decoders = (0..<decodeThreads).count { _ in
      batches.startThread {
        while let place = batches.place() {
          batches.fill(place) { target in
            let pixels = try preprocessor.pixels(image(place.item))
            preprocessor.normalize(pixels, into: target)
          }
        }
      }
    }
    let runners = (0..<network.configuration.streams).count { _ in
      batches.startThread {
        while let batch = batches.filled() { batches.score(batch, with: network) }
      }
    }
    guard decoders > 0, runners > 0 else {
      throw RuntimeError(
        code: .outOfMemory, message: "the system granted no thread to decode or to classify")
    }
  }
}
