import DLAData

/// The outcomes of classifying the samples of a dataset, in order.
///
/// ```swift
/// var tally = Tally()
/// for try await outcome in Evaluation(classifier, on: dataset) { tally.add(outcome) }
/// ```
///
/// A sample that can't be read gives a failed outcome and does not end the sequence. Each iteration
/// evaluates from the start, on threads of its own; leaving the loop or cancelling the task ends it
/// within a batch. After cancellation the loop throws `CancellationError`.
public struct Evaluation: AsyncSequence, Sendable {
  /// The classifier.
  public let classifier: Classifier
  /// The samples; their labels are classes of the classifier.
  public let dataset: any Dataset
  /// The number of samples to evaluate at most; nil for all.
  public let limit: Int?
  private let pipeline: ClassificationPipeline

  /// Describes an evaluation.
  ///
  /// - Parameters:
  ///   - classifier: the classifier.
  ///   - dataset: the samples; their labels are classes of the classifier.
  ///   - limit: the number of samples to evaluate at most; nil for all.
  ///   - batchSize: the number of images that pass the network together.
  ///   - decodeThreads: threads that read, decode and resize; nil for the number of processors.
  /// - Precondition: `batchSize` and `decodeThreads` are at least 1.
  public init(
    _ classifier: Classifier, on dataset: any Dataset, limit: Int? = nil, batchSize: Int = 8,
    decodeThreads: Int? = nil
  ) {
    (self.classifier, self.dataset, self.limit) = (classifier, dataset, limit)
    pipeline = ClassificationPipeline(
      classifier, batchSize: batchSize, decodeThreads: decodeThreads)
  }

  /// An iteration over the outcomes.
  public struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate let outcomes: BlockingProducer<Outcome>

    /// The outcome of the next sample; nil after the last.
    ///
    /// - Throws: `DatasetError` if nothing of the dataset can be read, or a label is out of range; what the network throws;
    ///   `CancellationError`.
    public mutating func next() async throws -> Outcome? { try await outcomes.next() }
  }

  /// Starts evaluating.
  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(outcomes: BlockingProducer { yield in try run(limit: limit, report: yield) })
  }

  /// Evaluates on the calling thread.
  ///
  /// `report` is called in the order of the dataset and returns whether to continue. A `reader`
  /// need not read from the first sample on.
  ///
  /// - Throws: what `report` throws, `DatasetError` if nothing of the dataset can be read, and what
  ///   the network throws.
  package func run(
    _ reader: (any SampleReader)? = nil, limit: Int? = nil, report: (Outcome) throws -> Bool
  ) throws {
    var reader = try reader ?? dataset.reader()
    var rest = limit ?? .max
    let preprocessor = classifier.preprocessor
    try pipeline.run { () -> (title: Title, item: Result<Sample, SampleError>)? in
      guard rest > 0, let sample = reader.next() else { return nil }
      rest -= 1
      return (Self.title(sample), sample)
    } image: { sample in
      try preprocessor.image(sample.get())
    } report: { title, scores in
      let classification: Outcome.Classification =
        switch scores {
        case .failure(let error as SampleError) where error.kind == .wrongNumbering:
          throw DatasetError(.labelOutOfRange, "\(error)")
        case .failure(let error): .failed("\(error)")
        case .success(let scores): try self.classification(scores, title)
        }
      return try report(
        Outcome(name: title.name, label: title.label, classification: classification))
    }
  }

  /// The part of a sample that is kept while its image is processed.
  private typealias Title = (name: String, label: Int?)

  private static func title(_ sample: Result<Sample, SampleError>) -> Title {
    switch sample {
    case .failure(let error): (error.name, nil)
    case .success(let sample): (sample.name, sample.label)
    }
  }

  private func classification(_ scores: ArraySlice<Float>, _ title: Title) throws
    -> Outcome.Classification
  {
    guard let label = title.label, scores.indices.count > label, label >= 0 else {
      return .failed("\(title.name): label out of range 0..<\(scores.count)")
    }
    return try classifier.classification(scores, label: label)
  }
}
