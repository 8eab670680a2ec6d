import DLAData
import DLASystem
import DLAText
import DLATraining
import DeepLayerAggregation

/// The outcome of a training.
public struct TrainingResult: Sendable {
  /// True if all epochs are done.
  public let isComplete: Bool
  /// The number of updates.
  public let updates: Int
  /// The number of epochs at the best validation, and its Top-1 accuracy, 0 to 1; nil without
  /// validation.
  public let best: (epoch: Int, top1: Double)?
  /// The Top-1 accuracy of ``TrainingFolder/average``, 0 to 1; nil if there is none, or no validation.
  public let averageTop1: Double?
}

/// A training on the calling thread, with validation, log and checkpoints in a folder.
///
/// A training that was stopped at any moment can be resumed from its last checkpoint. It then gives
/// the same bits as one that was never stopped, given the same number of threads and the same
/// processor model.
package final class TrainingRun {
  package let setup: TrainingSetup
  /// The folder of everything the training writes.
  package let folder: TrainingFolder
  package let trainer: Trainer

  private let random: TrainingRandom
  private let preprocessor: Preprocessor
  private var targets: [Float]
  /// The factors of the classes in the loss; nil if all count alike.
  private let classFactors: [Float]?
  var position = TrainingPosition()
  var log: TrainingLog
  /// Threads and instructions of the previous session if they differ, which changes the last bits.
  package private(set) var otherHardware: String?
  /// A line about the missing part of the previous session's log; nil if it is complete.
  package private(set) var logGap: String?
  private var savedUpdates = 0
  private var savedAt = Platform.monotonicSeconds
  private var learned = (seconds: 0.0, images: 0)

  private static let secondsBetweenCheckpoints = 600.0

  /// Prepares a training that writes to an existing folder, or resumes it from the folder's
  /// checkpoint.
  ///
  /// - Throws: `TrainingError` if recipe, data or checkpoint do not suit; `RuntimeError` if memory is
  ///   refused; `CheckpointError`, `FileError`.
  package init(_ setup: TrainingSetup, folder: TrainingFolder, isResumed: Bool) throws {
    try setup.check()
    (self.setup, self.folder) = (setup, folder)
    let graph = setup.variant.graph(
      classes: setup.data.classes.count, inChannels: setup.inChannels)
    trainer = try Trainer(
      graph, weights: setup.weights, recipe: setup.recipe, side: setup.trainingPreset.crop,
      updatesPerEpoch: setup.updatesPerEpoch, threads: setup.configuration.threads,
      instructionSet: setup.configuration.instructionSet)
    random = TrainingRandom(seed: setup.recipe.seed)
    preprocessor = Preprocessor(setup.trainingPreset, channels: setup.inChannels)
    let most = setup.images(ofBatch: 0)
    try trainer.prepare(batchesOf: [most, setup.images(ofBatch: setup.batchesPerEpoch - 1)])
    classFactors = try setup.recipe.classWeights?.factors(counts: setup.data.counts)
    targets = Array(repeating: 0, count: most * graph[graph.logits].channels)
    log = try TrainingLog(folder)
    folder.removeUnfinished()
    if isResumed, Folder.kind(of: folder.checkpoint) != nil {
      try resume()
    } else {
      // If killed before its first checkpoint, a new training must not resume the old one.
      Folder.remove(folder.checkpoint)
      try log.truncate(to: nil)
    }
  }

  /// All entries of the log, including those of previous sessions.
  ///
  /// - Throws: `FileError` or `TrainingError` if they can't be read.
  package func records() throws -> [TrainingRecord] { try log.records() }

  private func resume() throws {
    let checkpoint = try TrainingCheckpoint(reading: folder.checkpoint, into: trainer) { notes in
      for (name, value) in setup.identity.sorted(by: { $0.key < $1.key }) {
        let before = notes[name] ?? "missing"
        guard before != value else { continue }
        throw TrainingError(
          code: .otherSettings,
          message:
            "\(printablePath(folder.path)): the training was started with other settings: \(name) "
            + "was \(printable(before, limit: 300)), now it is \(printable(value, limit: 300))")
      }
    }
    position = checkpoint.position
    guard position.epoch <= setup.recipe.epochs, position.batch <= setup.batchesPerEpoch else {
      throw TrainingError(
        code: .unsuitableState,
        message: "\(printablePath(folder.checkpoint)): is at epoch \(position.epoch + 1), batch "
          + "\(position.batch); the training has \(setup.recipe.epochs) epochs of "
          + "\(setup.batchesPerEpoch) batches")
    }
    savedUpdates = trainer.updates
    if let hardware = checkpoint.notes["machine"], hardware != self.hardware {
      otherHardware = hardware
    }
    logGap = try log.resume(from: checkpoint.notes)
  }

  /// Trains until all epochs are done or `report` returns false.
  ///
  /// `report` returns whether to continue. If not, a checkpoint is written first.
  ///
  /// - Returns: the outcome.
  /// - Throws: `TrainingError` with `.diverged` or `.unsuitableData`; `CheckpointError` or `FileError`
  ///   if something can't be written, and the last checkpoint is then complete; what validation throws.
  package func run(report: (TrainingEvent) -> Bool) throws -> TrainingResult {
    while position.epoch < setup.recipe.epochs {
      guard try learnEpoch(report), try endEpoch(report) else {
        if trainer.updates != savedUpdates { try save(report) }
        return result()
      }
    }
    return result(average: try writeAverage(report))
  }

  private func result(average: Double? = nil) -> TrainingResult {
    TrainingResult(
      isComplete: position.epoch == setup.recipe.epochs, updates: trainer.updates,
      best: position.best.map { ($0.epoch, $0.top1) }, averageTop1: average)
  }
}

// MARK: - Learning

extension TrainingRun {
  /// - Returns: whether the epoch's batches are all done.
  private func learnEpoch(_ report: (TrainingEvent) -> Bool) throws -> Bool {
    guard setup.maxUpdates.map({ trainer.updates < $0 }) ?? true else { return false }
    var isWanted = true
    let batches = try TrainingBatches(
      TrainingBatches.Source(
        setup.data, recipe: setup.recipe, preprocessor: preprocessor,
        threads: setup.decodeThreads ?? setup.configuration.threads,
        maxUnreadable: setup.maxUnreadable),
      epoch: position.epoch, samplesTaken: position.samplesTaken, unreadable: position.unreadable)
    while position.batch < setup.batchesPerEpoch {
      let start = Platform.monotonicSeconds
      try learnBatch(batches) { isWanted = report(.warning($0)) && isWanted }
      let isUpdate =
        position.batch % setup.recipe.accumulationSteps == 0
        || position.batch == setup.batchesPerEpoch
      let learningRate = trainer.learningRate
      if isUpdate { trainer.update() }
      let seconds = Platform.monotonicSeconds - start
      position.seconds += seconds
      learned.seconds += seconds
      isWanted = report(.progress(progress(learningRate))) && isWanted
      guard isUpdate else { continue }
      log.learningRate = learningRate
      if trainer.updates % setup.logInterval == 0 { isWanted = try logStep(report) && isWanted }
      if setup.maxUpdates.map({ trainer.updates >= $0 }) ?? false { isWanted = false }
      guard isWanted else { return false }
      if needsCheckpoint { try save(report) }
    }
    return true
  }

  private func learnBatch(_ batches: TrainingBatches, warn: (String) -> Void) throws {
    let count = setup.images(ofBatch: position.batch)
    let classes = trainer.classes
    let (images, labels) = try batches.next(count, warn: warn)
    var random = random.stream(.mix, epoch: position.epoch, index: position.batch)
    let mix = setup.recipe.mix(images: count, side: setup.trainingPreset.crop, random: &random)
    let loss = try targets.withUnsafeMutableBufferPointer { targets in
      let targets = UnsafeMutableBufferPointer(rebasing: targets[..<(count * classes)])
      writeTargets(
        labels: labels, classes: classes, smoothing: setup.recipe.labelSmoothing, to: targets)
      if let mix { trainer.apply(mix, images: images, targets: targets) }
      if let classFactors { weigh(targets, by: classFactors) }
      return try trainer.learn(
        UnsafeBufferPointer(images), targets: UnsafeBufferPointer(targets), count: count)
    }
    let correct = trainer.correctImages(labels)
    position.batch += 1
    position.samplesTaken = batches.samplesTaken
    position.unreadable = batches.unreadable
    position.lossSum += loss * Double(count)
    position.correct += correct
    position.images += count
    learned.images += count
    log.add(loss: loss, correct: correct, images: count)
  }

  private func progress(_ learningRate: Double) -> TrainingProgress {
    TrainingProgress(
      epoch: position.epoch + 1, batch: position.batch, updates: trainer.updates,
      loss: position.lossSum / Double(max(1, position.images)),
      top1: Double(position.correct) / Double(max(1, position.images)), learningRate: learningRate,
      imagesPerSecond: imagesPerSecond)
  }

  private var imagesPerSecond: Double { Double(learned.images) / max(learned.seconds, 1e-9) }

  private func logStep(_ report: (TrainingEvent) -> Bool) throws -> Bool {
    let epoch = Double(position.epoch) + Double(position.batch) / Double(setup.batchesPerEpoch)
    let record = log.stepRecord(
      step: trainer.updates, epoch: epoch, imagesPerSecond: imagesPerSecond)
    try log.append(.step(record))
    return report(.logged(.step(record)))
  }
}

// MARK: - Checkpoints

extension TrainingRun {
  private var needsCheckpoint: Bool {
    guard position.batch < setup.batchesPerEpoch else { return false }
    if let interval = setup.checkpointInterval { return trainer.updates % interval == 0 }
    return Platform.monotonicSeconds - savedAt > Self.secondsBetweenCheckpoints
  }

  /// The hardware properties that the last bits depend on.
  private var hardware: String {
    "\(counted(setup.configuration.threads, "thread", "threads")), "
      + "\(setup.configuration.instructionSet.rawValue), "
      + "\(Platform.secondLevelCacheBytes >> 10) KiB of cache, version \(packageVersion)"
  }

  /// Writes a checkpoint if the last one is older than ten minutes.
  func saveIfDue(_ report: (TrainingEvent) -> Bool) throws {
    if Platform.monotonicSeconds - savedAt > Self.secondsBetweenCheckpoints { try save(report) }
  }

  func save(_ report: (TrainingEvent) -> Bool) throws {
    // A checkpoint must not reach the disk before the log that it refers to.
    try log.synchronize()
    var notes = setup.identity.merging(log.notes) { $1 }
    notes["machine"] = hardware
    try TrainingCheckpoint(position: position, notes: notes).write(trainer, to: folder.checkpoint)
    savedUpdates = trainer.updates
    savedAt = Platform.monotonicSeconds
    _ = report(.saved(updates: trainer.updates))
  }
}
