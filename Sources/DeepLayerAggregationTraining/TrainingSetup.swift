import DLAData
import DLAModels
import DLATensor
import DLAText
import DLATraining
import DeepLayerAggregation

/// The network, data and recipe of a training, and the hardware to use.
public struct TrainingSetup: Sendable {
  /// The model.
  public var variant: Variant
  /// The initial weights; nil for random ones that follow from the recipe's seed.
  public var weights: (any WeightSource)?
  /// The channels of the network's input: 3, or 1 for gray images.
  public var inChannels = 3
  /// The training images.
  public var data: TrainingData
  /// The validation images; nil for none.
  public var validation: (any Dataset)?
  /// The recipe: optimizer, schedule, augmentation and epochs.
  public var recipe: TrainingRecipe
  /// The preprocessing; crops in training have the size of its crop unless the recipe has another.
  public var preset: Preset
  /// The device, threads and caches to use; training runs on the CPU.
  public var configuration = Network.Configuration()
  /// Threads that read, decode and augment images; nil for as many as the configuration's.
  public var decodeThreads: Int?
  /// The number of images of an epoch that may be unreadable.
  public var maxUnreadable = 100
  /// Epochs from one validation to the next; the last epoch is always validated.
  public var validationInterval = 1
  /// The first epoch, counted from 1, that is validated.
  public var firstValidation = 1
  /// Updates from one entry of the log to the next.
  public var logInterval = 50
  /// Updates from one checkpoint to the next; nil for the ends of epochs, and every ten minutes.
  public var checkpointInterval: Int?
  /// The number of epochs at the end whose weights are kept, and their mean written to
  /// ``TrainingFolder/average``; 0 for none.
  public var averagedCount = 0
  /// True to write ``TrainingFolder/hub`` too, which timm loads.
  public var writesHubFolder = false
  /// The number of updates after which the training stops as if interrupted; nil for none.
  public var maxUpdates: Int?
  /// Further settings, by name, that must be equal to resume a training, for instance the hash of the
  /// initial weights.
  public var notes: [String: String] = [:]

  /// Describes a training.
  ///
  /// - Parameters:
  ///   - variant: the model.
  ///   - data: the training images.
  ///   - recipe: the recipe.
  ///   - preset: the preprocessing.
  public init(_ variant: Variant, data: TrainingData, recipe: TrainingRecipe, preset: Preset) {
    (self.variant, self.data, self.recipe, self.preset) = (variant, data, recipe, preset)
  }

  /// The preprocessing in training: that of evaluation with the recipe's crop.
  ///
  /// A larger crop enlarges the resized image, which only centre and padded crops are taken from.
  public var trainingPreset: Preset {
    var preset = preset
    preset.crop = recipe.crop ?? preset.crop
    preset.resizeShort = max(preset.resizeShort, preset.crop)
    return preset
  }

  /// The epochs, counted from 1, whose weights are averaged.
  var averagedEpochs: Range<Int> {
    max(1, recipe.epochs - averagedCount + 1)..<recipe.epochs + 1
  }

  /// The number of batches of an epoch.
  public var batchesPerEpoch: Int {
    let size = recipe.batchSize
    return recipe.dropsLast ? data.samples / size : (data.samples + size - 1) / size
  }

  /// The number of updates of an epoch.
  public var updatesPerEpoch: Int {
    (batchesPerEpoch + recipe.accumulationSteps - 1) / recipe.accumulationSteps
  }

  /// Images of a batch of an epoch; the last one may be smaller.
  func images(ofBatch batch: Int) -> Int {
    min(recipe.batchSize, data.samples - batch * recipe.batchSize)
  }
}

extension TrainingSetup {
  /// Checks that every number is in its range.
  ///
  /// - Throws: `TrainingError` with `.unsuitableNumber`, or `.tooFewImages` if there is no batch.
  public func check() throws(TrainingError) {
    try recipe.check()
    for (number, name) in [
      (validationInterval, "the epochs from one validation to the next"),
      (firstValidation, "the first epoch to be validated"),
      (logInterval, "the updates from one entry of the log to the next"),
      (checkpointInterval ?? 1, "the updates from one checkpoint to the next"),
      (decodeThreads ?? 1, "the number of threads that decode"), (maxUpdates ?? 1, "the updates"),
    ] where number < 1 {
      throw TrainingError(
        code: .unsuitableNumber, message: "\(name) is \(number); 1 or more is expected")
    }
    guard averagedCount >= 0 else {
      throw TrainingError(
        code: .unsuitableNumber,
        message: "the number of averaged epochs is \(averagedCount); 0 or more is expected")
    }
    guard [1, 3].contains(inChannels) else {
      throw TrainingError(
        code: .unsuitableNumber, message: "the input has \(inChannels) channels; 1 or 3 is expected"
      )
    }
    guard batchesPerEpoch > 0 else {
      throw TrainingError(
        code: .tooFewImages,
        message: "there are \(counted(data.samples, "image", "images")), fewer than a batch of "
          + "\(recipe.batchSize)")
    }
  }

  /// The settings, by name, that must be equal to resume a training.
  var identity: [String: String] {
    var identity = notes
    identity["model"] = variant.name
    identity["data"] = "\(grouped(data.samples)) images, \(data.dataset.fingerprint)"
    identity["input channels"] = "\(inChannels)"
    identity["classes"] = "\(data.classes.count)"
    identity["preprocessing"] =
      "\(preset.name), \(preset.resampling), short side \(preset.resizeShort), crop "
      + "\(preset.crop), mean \(Self.text(preset.mean)), deviation \(Self.text(preset.standardDeviation))"
    for setting in recipe.settings { identity[setting.name] = setting.value }
    return identity
  }

  private static func text(_ values: SIMD3<Float>) -> String {
    (0..<3).map { "\(values[$0])" }.joined(separator: " ")
  }
}
