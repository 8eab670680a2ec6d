import DLACheckpoints
import DLAData
import DLASystem
import DLATensor
import DLATraining
import DeepLayerAggregation

extension TrainingRun {
  /// Validates, writes the weights and the log, and saves a checkpoint.
  ///
  /// - Returns: whether to continue.
  func endEpoch(_ report: (TrainingEvent) -> Bool) throws -> Bool {
    try trainer.requireFinite()
    let done = position.epoch + 1
    let isValidated =
      setup.validation != nil
      && (done >= setup.firstValidation && done % setup.validationInterval == 0
        || done == setup.recipe.epochs)
    let weights = trainer.averagedWeights ?? trainer.weights
    var validation: EpochRecord.Validation?
    var isBest = setup.validation == nil
    if isValidated {
      try saveIfDue(report)
      // A resumed training repeats a validation that was stopped or failed.
      let result: EpochRecord.Validation?
      do { result = try validate(weights, report) } catch {
        try save(report)
        throw error
      }
      guard let result else { return false }
      validation = result
      let found = TrainingPosition.Best(epoch: done, top1: result.top1, loss: result.loss)
      if position.best.map(found.isBetter) ?? true {
        position.best = found
        isBest = true
        try write(weights, to: folder.best)
      }
    }
    if isBest, setup.writesHubFolder { try writeHubFolder(weights) }
    try write(weights, to: folder.last)
    if setup.averagedEpochs.contains(done) { try write(weights, to: folder.weights(ofEpoch: done)) }
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

  /// - Returns: nil if `report` returned false.
  private func validate(
    _ weights: any WeightSource, _ report: (TrainingEvent) -> Bool
  ) throws -> EpochRecord.Validation? {
    guard let dataset = setup.validation else { return nil }
    var configuration = setup.configuration
    configuration.cache = nil
    let network = try Network(
      setup.variant, weights: weights, classes: trainer.classes, inChannels: setup.inChannels,
      configuration: configuration)
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
    let items = trainer.graph.tensors.map { SafetensorsWriter.Item(name: $0.name, shape: $0.shape) }
    let tensors = Dictionary(uniqueKeysWithValues: trainer.graph.tensors.map { ($0.name, $0) })
    try SafetensorsWriter(items: items, metadata: description.metadata).write(to: path) {
      item, sink in
      if let tensor = tensors[item.name] { try sink.append(weights.read(tensor)) }
    }
  }

  /// Writes the mean of the weights of the last epochs, if the setup asks for it.
  ///
  /// - Returns: its accuracy; nil without validation data, or if `report` returned false.
  func writeAverage(_ report: (TrainingEvent) -> Bool) throws -> Double? {
    guard !setup.averagedEpochs.isEmpty else { return nil }
    let mean = MeanWeights(
      of: try setup.averagedEpochs.map { epoch in
        try CheckpointModel(path: folder.weights(ofEpoch: epoch), model: setup.variant.name)
          .weights()
      })
    try write(mean, to: folder.average)
    return try validate(mean, report)?.top1
  }

  private func writeHubFolder(_ weights: any WeightSource) throws {
    Folder.create(folder.hub, isPrivate: false)
    try write(weights, to: "\(folder.hub)/model.safetensors")
    try description.writeHubConfiguration(of: trainer.graph, to: "\(folder.hub)/config.json")
  }

  private var description: WeightsDescription {
    WeightsDescription(
      model: setup.variant.name, classes: setup.data.classes.names, preset: setup.preset)
  }
}
