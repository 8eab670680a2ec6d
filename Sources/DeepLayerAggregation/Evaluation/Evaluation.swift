import DLAData

/// A classifier's answers to the samples of a dataset, in order.
public struct Evaluation: Sendable {
  /// What answers.
  public let classifier: Classifier
  /// What is asked.
  public let dataset: any Dataset
  private let pipeline: ClassificationPipeline

  /// Describes an evaluation.
  ///
  /// - Parameters:
  ///   - classifier: what answers.
  ///   - dataset: what is asked; its labels are classes of the classifier.
  ///   - batchSize: images that pass the network together.
  ///   - decodeThreads: threads that read, decode and resize; nil for as many as processors.
  /// - Precondition: `batchSize` and `decodeThreads` are at least 1.
  public init(
    _ classifier: Classifier, on dataset: any Dataset, batchSize: Int = 8,
    decodeThreads: Int? = nil
  ) {
    self.classifier = classifier
    self.dataset = dataset
    pipeline = ClassificationPipeline(
      classifier, batchSize: batchSize, decodeThreads: decodeThreads)
  }

  /// Evaluates sample by sample until there are no more or `report` has had enough.
  ///
  /// Samples that can't be read are reported as failed, and the others go on.
  ///
  /// - Parameters:
  ///   - reader: reads samples of the dataset, maybe from another than the first on; nil for all.
  ///   - limit: how many samples to evaluate at most; nil for all.
  ///   - report: called on this thread in the order of the dataset; returns whether to go on.
  /// - Throws: what `report` throws, `DatasetError` if nothing of the dataset can be read, and what
  ///   the network throws.
  public func run(
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
      let answer: Outcome.Classification =
        switch scores {
        case .failure(let error): .failed("\(error)")
        case .success(let scores): try answer(scores, title)
        }
      return try report(Outcome(name: title.name, label: title.label, classification: answer))
    }
  }

  /// What is kept of a sample while its image is on its way: not its bytes.
  private typealias Title = (name: String, label: Int?)

  private static func title(_ sample: Result<Sample, SampleError>) -> Title {
    switch sample {
    case .failure(let error): (error.name, nil)
    case .success(let sample): (sample.name, sample.label)
    }
  }

  private func answer(_ scores: ArraySlice<Float>, _ title: Title) throws -> Outcome.Classification
  {
    guard let label = title.label, scores.indices.count > label, label >= 0 else {
      return .failed("\(title.name): its label is none of the \(scores.count) classes")
    }
    return try classifier.answer(scores, label: label)
  }
}
