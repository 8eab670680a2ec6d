import DLATensor
import DeepLayerAggregation
import DeepLayerAggregationTraining
import Foundation
import Testing
import _DLATestSupport

struct TrainingTests {
  private let folder: TemporaryFolder
  private static let classes = ClassNames(count: 2, names: ["dark", "light"])

  init() throws {
    folder = try TemporaryFolder()
    for (label, name) in Self.classes.names.enumerated() {
      for number in 0..<8 {
        var random = KeyedRandom(key: "training/\(label)/\(number)")
        let pixels = (0..<32 * 32 * 3).map { _ in
          UInt8.random(in: label == 0 ? 0...140 : 115...255, using: &random)
        }
        try folder.write(
          RGBImage(width: 32, height: 32, pixels: pixels).png(), to: "data/\(name)/\(number).png")
      }
    }
  }

  private func setup(epochs: Int = 3) throws -> TrainingSetup {
    let dataset = try DatasetSource(folder.path("data")).open(classes: Self.classes)
    var recipe = TrainingRecipe()
    (recipe.epochs, recipe.batchSize) = (epochs, 4)
    recipe.augmentation = Augmentation(crop: .padded(4))
    var setup = TrainingSetup(
      try Variant.named("dla46_c"),
      data: try TrainingData(dataset, classes: Self.classes, name: "data"), recipe: recipe,
      preset: Preset(name: "small", convention: .pil, resizeShort: 32, crop: 32))
    setup.validation = dataset
    setup.configuration = .init(threads: 2)
    return setup
  }

  @Test func theBestWeightsBecomeAFolderForTimm() async throws {
    var setup = try setup(epochs: 1)
    setup.writesHubFolder = true
    // Weights do not depend on the size of crops.
    setup.recipe.crop = 64
    let training = Training(setup, folder: folder.path("run"))
    for try await _ in training {}
    let classifier = try Classifier(weights: training.folder.hub)
    #expect(classifier.labels == Self.classes.names)
    #expect(classifier.preprocessor.preset.crop == 32)
    let configuration = training.folder.hub + "/config.json"
    #expect(
      try WeightsDescription(configuration: Array(bytes(configuration))).classes
        == Self.classes.names)
    #expect(try bytes(training.folder.hub + "/model.safetensors") == bytes(training.folder.best))
  }

  @Test func aNetworkOfOneChannelTrainsOnGrayImages() async throws {
    var setup = try setup(epochs: 1)
    setup.inChannels = 1
    setup.recipe.augmentation.erasing = RandomErasing(probability: 1, fill: .pixels)
    let training = Training(setup, folder: folder.path("gray"))
    var validated = 0
    for try await event in training {
      if case .logged(.epoch(let record)) = event { validated = record.validation?.images ?? 0 }
    }
    #expect(validated == 16)
    let classifier = try Classifier(weights: training.folder.last)
    #expect(classifier.network.inChannels == 1)
    setup.inChannels = 2
    #expect(throws: TrainingError.self) { try setup.check() }
  }

  @Test func theMeanOfTheLastEpochsIsWritten() async throws {
    var setup = try setup()
    setup.averagedCount = 2
    setup.recipe.classWeights = .values([1, 2])
    let training = Training(setup, folder: folder.path("mean"))
    var accuracy: Double?
    for try await event in training {
      if case .finished(let result) = event { accuracy = result.averageTop1 }
    }
    #expect(accuracy != nil)
    let files = try [training.folder.path + "/epoch-2.safetensors", training.folder.last].map {
      try CheckpointFile(path: $0)
    }
    let mean = try CheckpointFile(path: training.folder.average)
    for name in ["level0.0.weight", "level2.tree1.bn1.running_mean", "fc.bias"] {
      let values = try files.map { try $0.tensor(named: name).elements }
      let expected = zip(values[0], values[1]).map { Float((Double($0) + Double($1)) / 2) }
      #expect(try mean.tensor(named: name).elements == expected)
    }
    #expect(!FileManager.default.fileExists(atPath: training.folder.path + "/epoch-1.safetensors"))
  }

  @Test func validationBeginsWithItsFirstEpoch() async throws {
    var setup = try setup()
    setup.firstValidation = 2
    var validated: [Int] = []
    for try await event in Training(setup, folder: folder.path("late")) {
      if case .logged(.epoch(let record)) = event, record.validation != nil {
        validated.append(record.epoch)
      }
    }
    #expect(validated == [2, 3])
  }

  private func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(filePath: path)) }

  @Test func aCancelledTrainingResumesToTheSameBits() async throws {
    let whole = Training(try setup(), folder: folder.path("whole"))
    var epochs: [Int] = []
    var result: TrainingResult?
    for try await event in whole {
      #expect(result == nil, "an event follows the last")
      switch event {
      case .logged(.epoch(let record)):
        epochs.append(record.epoch)
        #expect(record.validation?.images == 16)
      case .finished(let last): result = last
      default: break
      }
    }
    #expect(epochs == [1, 2, 3])
    #expect(result?.isComplete == true && result?.updates == 12 && result?.best != nil)

    let stopped = Training(try setup(), folder: folder.path("stopped"))
    let task = Task {
      for try await event in stopped {
        if case .progress(let progress) = event, progress.epoch == 2, progress.batch == 2 {
          withUnsafeCurrentTask { $0?.cancel() }
        }
      }
    }
    await #expect(throws: CancellationError.self) { try await task.value }
    // The training has ended when the loop throws: the checkpoint is complete, the folder is free.
    #expect(FileManager.default.fileExists(atPath: stopped.folder.checkpoint))
    #expect(!FileManager.default.fileExists(atPath: stopped.folder.path + "/best.safetensors.tmp"))
    var resumed = Training(try setup(), folder: folder.path("stopped"), isResumed: true)
    var first: TrainingProgress?
    for try await event in resumed {
      if case .progress(let progress) = event { first = first ?? progress }
    }
    #expect(first.map { $0.epoch > 1 } == true, "\(String(describing: first))")
    for (one, other) in [
      (whole.folder.last, resumed.folder.last), (whole.folder.best, resumed.folder.best),
    ] {
      #expect(try bytes(one) == bytes(other))
    }
    // Nothing is left to do, and the weights describe themselves.
    resumed = Training(try setup(), folder: folder.path("stopped"), isResumed: true)
    var events = 0
    for try await event in resumed {
      events += 1
      guard case .finished(let last) = event else { continue }
      #expect(last.isComplete)
    }
    #expect(events == 1)
    let classifier = try Classifier(weights: resumed.folder.best)
    #expect(classifier.labels == Self.classes.names)
    #expect(classifier.preprocessor.preset.crop == 32)
  }

  @Test func otherSettingsAndAFolderInUseAreErrors() async throws {
    let path = folder.path("run")
    let running = Training(try setup(epochs: 2), folder: path)
    var iterator = running.makeAsyncIterator()
    // Two epochs have more events than wait for a consumer, so the training is not done.
    _ = try await iterator.next()
    let second = Training(try setup(epochs: 2), folder: path)
    let inUse = await #expect(throws: TrainingError.self) { for try await _ in second {} }
    #expect(inUse?.code == .folderInUse)
    while try await iterator.next() != nil {}

    var changed = try setup(epochs: 2)
    changed.recipe.batchSize = 8
    let other = Training(changed, folder: path, isResumed: true)
    let error = await #expect(throws: TrainingError.self) { for try await _ in other {} }
    #expect(error?.code == .otherSettings)
    changed.recipe.batchSize = 64
    changed.recipe.dropsLast = true
    let tooFew = Training(changed, folder: folder.path("new"))
    let few = await #expect(throws: TrainingError.self) { for try await _ in tooFew {} }
    #expect(few?.code == .tooFewImages)
  }
}
