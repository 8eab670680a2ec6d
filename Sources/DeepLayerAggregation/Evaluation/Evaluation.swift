import DLACore
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
  ///   - batchSize: pictures that pass the network together.
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
  ///   - skipped: how many samples to pass over first.
  ///   - limit: how many samples to evaluate at most; nil for all.
  ///   - report: called on this thread in the order of the dataset; returns whether to go on.
  /// - Throws: what `report` throws, `DatasetError` if nothing of the dataset can be read, and what
  ///   the network throws.
  public func run(
    skipping skipped: Int = 0, limit: Int? = nil, report: (Outcome) throws -> Bool
  ) throws {
    var reader = try dataset.reader()
    reader.skip(skipped)
    var rest = limit ?? .max
    let preprocessor = classifier.preprocessor
    try pipeline.run {
      guard rest > 0 else { return nil }
      rest -= 1
      return reader.next()
    } image: { sample in
      try preprocessor.image(sample.get())
    } report: { sample, scores in
      try report(outcome(sample, scores))
    }
  }

  private func outcome(
    _ sample: Result<Sample, SampleError>, _ scores: Result<ArraySlice<Float>, any Error>
  ) throws -> Outcome {
    switch (sample, scores) {
    case (.failure(let error), _):
      return Outcome(name: error.name, label: nil, answer: .failed("\(error)"))
    case (.success(let sample), .failure(let error)):
      return Outcome(name: sample.name, label: sample.label, answer: .failed("\(error)"))
    case (.success(let sample), .success(let scores)):
      return Outcome(
        name: sample.name, label: sample.label,
        answer: try classifier.answer(scores, label: sample.label))
    }
  }
}
