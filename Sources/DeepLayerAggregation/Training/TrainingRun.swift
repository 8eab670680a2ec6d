import DLACheckpoints
import DLAData
import DLASystem
import DLATensor
import DLAText
import DLATraining

/// A training from its first batch to its last, with validation, log and checkpoints in a folder.
///
/// One that was stopped at any moment, by whatever means, can be gone on with from its last checkpoint;
/// it then comes to the same bits as one that was never stopped, given the same number of threads and the
/// same kind of processor.
public final class TrainingRun {
  /// How a training ended.
  public struct Result: Sendable {
    /// Whether all epochs are done.
    public let isComplete: Bool
    /// Updates that were done.
    public let updates: Int
    /// Epochs done when validation was best, and its share of right images; nil without validation.
    public let best: (epoch: Int, top1: Double)?
  }

  /// What the training is of.
  public let setup: TrainingSetup
  /// Where it keeps what it makes.
  public let folder: TrainingFolder
  /// Network, optimizer and moving average.
  public let trainer: Trainer

  private let random: TrainingRandom
  private let preprocessor: Preprocessor
  private var targets: [Float]
  private var position = TrainingPosition()
  private var log: TrainingLog
  /// Threads and instructions of the session before, where they were others: bits then differ.
  public private(set) var otherMachine: String?
  /// What is missing of the log of the session before: one line; nil if it is whole.
  public private(set) var logGap: String?
  private var savedUpdates = 0
  private var savedAt = Platform.monotonicSeconds
  /// Seconds and images of this process.
  private var learned = (seconds: 0.0, images: 0)

  private static let secondsBetweenCheckpoints = 600.0

  /// Prepares a training.
  ///
  /// - Parameters:
  ///   - setup: what it is of.
  ///   - folder: where it keeps what it makes; it is there.
  ///   - isResumed: whether it goes on from the folder's checkpoint, if there is one.
  /// - Throws: `TrainingError` if recipe, data or checkpoint do not suit; `RuntimeError` if memory is
  ///   refused; `CheckpointError`, `FileError`.
  public init(_ setup: TrainingSetup, folder: TrainingFolder, isResumed: Bool) throws {
    try setup.check()
    self.setup = setup
    self.folder = folder
    let graph = setup.variant.graph(classes: setup.data.classes.count)
    trainer = try Trainer(
      graph, weights: setup.weights, recipe: setup.recipe, side: setup.preset.crop,
      updatesPerEpoch: setup.updatesPerEpoch, threads: setup.configuration.threads,
      instructionSet: setup.configuration.instructionSet)
    random = TrainingRandom(seed: setup.recipe.seed)
    preprocessor = Preprocessor(setup.preset)
    let most = setup.images(ofBatch: 0)
    try trainer.prepare(batchesOf: [most, setup.images(ofBatch: setup.batchesPerEpoch - 1)])
    targets = Array(repeating: 0, count: most * graph[graph.logits].channels)
    log = try TrainingLog(folder)
    folder.removeUnfinished()
    if isResumed, Folder.kind(of: folder.checkpoint) != nil {
      try resume()
    } else {
      // Killed before its first checkpoint, a new training must not be taken for the old one.
      Folder.remove(folder.checkpoint)
      try log.truncate(to: nil)
    }
  }

  /// All entries of the log so far.
  ///
  /// - Returns: the entries, those of sessions before among them.
  /// - Throws: `FileError` or `TrainingError` if they can't be read.
  public func records() throws -> [TrainingRecord] { try log.records() }

  private func resume() throws {
    let checkpoint = try TrainingCheckpoint(reading: folder.checkpoint, into: trainer) { notes in
      for (name, value) in setup.identity.sorted(by: { $0.key < $1.key }) {
        let before = notes[name] ?? "missing"
        guard before != value else { continue }
        throw TrainingError(
          code: .unsuitableState,
          message:
            "\(printablePath(folder.path)): the training was begun with other options: \(name) "
            + "was \(printable(before, limit: 300)), now it is \(printable(value, limit: 300)); give the "
            + "same ones, or begin anew elsewhere, maybe with --weights \(printablePath(folder.last))"
        )
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
    if let machine = checkpoint.notes["machine"], machine != self.machine { otherMachine = machine }
    logGap = try log.goOn(from: checkpoint.notes)
  }

  /// Trains until all epochs are done or `report` has had enough.
  ///
  /// - Parameter report: is told what happens, on this thread; returns whether to go on. If not, a
  ///   checkpoint is written first.
  /// - Returns: how it ended.
  /// - Throws: `TrainingError` with `.diverged` or `.unsuitableData`; `CheckpointError` or `FileError`
  ///   if something can't be written, and the last checkpoint is then whole; what validation throws.
  public func run(report: (TrainingEvent) -> Bool) throws -> Result {
    while position.epoch < setup.recipe.epochs {
      guard try learnEpoch(report), try endEpoch(report) else {
        if trainer.updates != savedUpdates { try save(report) }
        return result
      }
    }
    return result
  }

  private var result: Result {
    Result(
      isComplete: position.epoch == setup.recipe.epochs, updates: trainer.updates,
      best: position.best.map { ($0.epoch, $0.top1) })
  }
}

// MARK: - Learning

extension TrainingRun {
  /// - Returns: whether the epoch's batches are all learned.
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
      let rate = trainer.learningRate
      if isUpdate { trainer.update() }
      let seconds = Platform.monotonicSeconds - start
      position.seconds += seconds
      learned.seconds += seconds
      isWanted = report(.progress(progress(rate))) && isWanted
      guard isUpdate else { continue }
      log.learningRate = rate
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
    let mix = setup.recipe.mix(images: count, side: setup.preset.crop, random: &random)
    let loss = try targets.withUnsafeMutableBufferPointer { targets in
      let targets = UnsafeMutableBufferPointer(rebasing: targets[..<(count * classes)])
      writeTargets(
        labels: labels, classes: classes, smoothing: setup.recipe.labelSmoothing, to: targets)
      if let mix { trainer.apply(mix, images: images, targets: targets) }
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

  private func progress(_ rate: Double) -> TrainingProgress {
    TrainingProgress(
      epoch: position.epoch + 1, batch: position.batch, updates: trainer.updates,
      loss: position.lossSum / Double(max(1, position.images)),
      top1: Double(position.correct) / Double(max(1, position.images)), learningRate: rate,
      imagesPerSecond: imagesPerSecond)
  }

  private var imagesPerSecond: Double {
    Double(learned.images) / max(learned.seconds, 1e-9)
  }

  private func logStep(_ report: (TrainingEvent) -> Bool) throws -> Bool {
    let epoch = Double(position.epoch) + Double(position.batch) / Double(setup.batchesPerEpoch)
    let record = log.stepRecord(
      step: trainer.updates, epoch: epoch, imagesPerSecond: imagesPerSecond)
    try log.append(.step(record))
    return report(.logged(.step(record)))
  }
}

// MARK: - The end of an epoch

extension TrainingRun {
  /// - Returns: whether to go on.
  private func endEpoch(_ report: (TrainingEvent) -> Bool) throws -> Bool {
    try trainer.requireFinite()
    let done = position.epoch + 1
    let isValidated =
      setup.validation != nil
      && (done % setup.validationInterval == 0 || done == setup.recipe.epochs)
    let weights = trainer.averagedWeights ?? trainer.weights
    var validation: EpochRecord.Validation?
    if isValidated {
      if Platform.monotonicSeconds - savedAt > Self.secondsBetweenCheckpoints { try save(report) }
      // Stopped within, it is done again by the training that goes on.
      guard let result = try validate(weights, report) else { return false }
      validation = result
      let found = TrainingPosition.Best(epoch: done, top1: result.top1, loss: result.loss)
      if position.best.map(found.isBetter) ?? true {
        position.best = found
        try write(weights, to: folder.best)
      }
    }
    try write(weights, to: folder.last)
    let record = EpochRecord(
      epoch: done, step: trainer.updates, loss: position.lossSum / Double(max(1, position.images)),
      top1: Double(position.correct) / Double(max(1, position.images)),
      learningRate: log.learningRate,
      imagesPerSecond: Double(position.images) / max(position.seconds, 1e-9),
      seconds: position.seconds, unreadable: position.unreadable, validation: validation)
    try log.append(.epoch(record))
    position.endEpoch()
    try save(report)
    return report(.logged(.epoch(record)))
  }

  /// - Returns: nil if `report` had enough.
  private func validate(
    _ weights: any WeightSource, _ report: (TrainingEvent) -> Bool
  ) throws -> EpochRecord.Validation? {
    guard let dataset = setup.validation else { return nil }
    var configuration = setup.configuration
    configuration.cache = nil
    let network = try Network(
      setup.variant, weights: weights, classes: trainer.classes, configuration: configuration)
    let evaluation = Evaluation(
      try Classifier(network, preset: setup.preset, classNames: setup.data.classes), on: dataset,
      batchSize: min(setup.recipe.batchSize, 128),
      decodeThreads: setup.decodeThreads ?? setup.configuration.threads)
    var tally = Tally()
    var isWanted = true
    try evaluation.run { outcome in
      tally.add(outcome)
      if case .failed(let message) = outcome.classification, position.epoch == 0 {
        isWanted = report(.warning(message)) && isWanted
      }
      isWanted = report(.validating(images: tally.images)) && isWanted
      return isWanted
    }
    guard isWanted else { return nil }
    guard let loss = tally.loss, let top1 = tally.top1, let top5 = tally.top5 else {
      throw TrainingError(
        code: .unsuitableData, message: "no image of the validation data could be classified")
    }
    return EpochRecord.Validation(loss: loss, top1: top1, top5: top5, images: tally.images)
  }

  private func write(_ weights: any WeightSource, to path: String) throws {
    let items = trainer.graph.tensors.map {
      SafetensorsWriter.Item(name: $0.name, shape: $0.shape)
    }
    let tensors = Dictionary(uniqueKeysWithValues: trainer.graph.tensors.map { ($0.name, $0) })
    let description = WeightsDescription(
      model: setup.variant.name, classes: setup.data.classes.names, preset: setup.preset)
    try SafetensorsWriter(items: items, metadata: description.metadata).write(to: path) {
      item, sink in
      if let tensor = tensors[item.name] { try sink.append(weights.read(tensor)) }
    }
  }
}

// MARK: - Checkpoints

extension TrainingRun {
  private var needsCheckpoint: Bool {
    guard position.batch < setup.batchesPerEpoch else { return false }
    if let interval = setup.checkpointInterval { return trainer.updates % interval == 0 }
    return Platform.monotonicSeconds - savedAt > Self.secondsBetweenCheckpoints
  }

  /// What decides about the last bits beside the setup.
  private var machine: String {
    "\(counted(setup.configuration.threads, "thread", "threads")), \(setup.configuration.instructionSet.rawValue), "
      + "\(Platform.secondLevelCacheBytes >> 10) KiB of cache, version \(packageVersion)"
  }

  private func save(_ report: (TrainingEvent) -> Bool) throws {
    // The checkpoint must never be on the disk without the log that it counts on.
    try log.synchronize()
    var notes = setup.identity.merging(log.notes) { $1 }
    notes["machine"] = machine
    try TrainingCheckpoint(position: position, notes: notes).write(trainer, to: folder.checkpoint)
    savedUpdates = trainer.updates
    savedAt = Platform.monotonicSeconds
    _ = report(.saved(updates: trainer.updates))
  }
}
