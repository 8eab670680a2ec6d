import DLATraining
import DeepLayerAggregation

/// The events of a training, which runs on a thread of its own.
///
/// ```swift
/// for try await event in Training(setup, folder: "run") {
///   if case .logged(.epoch(let epoch)) = event { print(epoch.epoch, epoch.loss) }
/// }
/// let classifier = try Classifier(weights: TrainingFolder("run").best)
/// ```
///
/// Cancelling the task stops the training after the current update: it writes a checkpoint, then the
/// loop throws `CancellationError`. Leaving the loop stops it too, but does not wait for the
/// checkpoint. A training that was stopped resumes with `isResumed`, to the same bits as one that was
/// not, given the same number of threads and the same processor model.
///
/// The training waits if events are not consumed.
public struct Training: AsyncSequence, Sendable {
  /// The network, data and recipe.
  public let setup: TrainingSetup
  /// The folder of weights, log and checkpoint.
  public let folder: TrainingFolder
  /// True to resume from the folder's checkpoint, if there is one.
  public let isResumed: Bool

  /// Describes a training; iterating over it trains.
  ///
  /// - Parameters:
  ///   - setup: the network, data and recipe.
  ///   - folder: the path of the folder of weights, log and checkpoint; it is created.
  ///   - isResumed: whether to resume from the folder's checkpoint, if there is one; otherwise the
  ///     folder's training is replaced.
  public init(_ setup: TrainingSetup, folder: String, isResumed: Bool = false) {
    self.setup = setup
    self.folder = TrainingFolder(folder)
    self.isResumed = isResumed
  }

  /// An iteration over the events.
  public struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate let events: BlockingProducer<TrainingEvent>

    /// The next event; nil after `.finished`.
    ///
    /// - Throws: `TrainingError` if recipe, data or checkpoint do not suit, or if training diverges;
    ///   `FileError` and `CheckpointError` if something can't be written; `RuntimeError` if memory
    ///   is refused; `CancellationError`.
    public mutating func next() async throws -> TrainingEvent? { try await events.next() }
  }

  /// Starts training.
  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(
      events: BlockingProducer { yield in
        try folder.create()
        let run = try TrainingRun(setup, folder: folder, isResumed: isResumed)
        if let gap = run.logGap, !yield(.warning(gap)) { return }
        let result = try run.run(report: yield)
        _ = yield(.finished(result))
      })
  }
}
