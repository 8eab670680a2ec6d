import DLAData
import DLAModels
import DLATensor
import DLATraining

/// What a training is of: network, data, recipe, and how the machine is used.
public struct TrainingSetup: Sendable {
  /// The network.
  public var variant: Variant
  /// Where it begins; nil for random weights that follow from the recipe's seed.
  public var weights: (any WeightSource)?
  /// The images it learns from.
  public var data: TrainingData
  /// The images that tell how good it is; nil for none.
  public var validation: (any Dataset)?
  /// How it is trained.
  public var recipe: TrainingRecipe
  /// How images become its input; a training's crop is as large.
  public var preset: Preset
  /// How the machine is used, apart from threads that decode.
  public var configuration = Network.Configuration()
  /// Threads that read, decode and change images; nil for as many as the engine's.
  public var decodeThreads: Int?
  /// Images of an epoch that may be unreadable.
  public var maxUnreadable = 100
  /// Epochs from one validation to the next; the last one is always followed by one.
  public var validationInterval = 1
  /// Updates from one entry of the log to the next.
  public var logInterval = 50
  /// Updates from one checkpoint to the next; nil for the ends of epochs, and every ten minutes.
  public var checkpointInterval: Int?
  /// Updates after which the training stops as if interrupted; nil for none.
  public var maxUpdates: Int?
  /// What else must be the same for a training to be gone on with, by name, for instance the hash of
  /// the file that it begins with.
  public var notes: [String: String] = [:]

  /// Describes a training.
  ///
  /// - Parameters:
  ///   - variant: the network.
  ///   - data: the images it learns from.
  ///   - recipe: how it is trained.
  ///   - preset: how images become its input.
  public init(_ variant: Variant, data: TrainingData, recipe: TrainingRecipe, preset: Preset) {
    self.variant = variant
    self.data = data
    self.recipe = recipe
    self.preset = preset
  }

  /// Batches of an epoch.
  public var batchesPerEpoch: Int {
    let size = recipe.batchSize
    return recipe.dropsLast ? data.samples / size : (data.samples + size - 1) / size
  }

  /// Updates of an epoch.
  public var updatesPerEpoch: Int {
    (batchesPerEpoch + recipe.accumulationSteps - 1) / recipe.accumulationSteps
  }

  /// Images of a batch of an epoch; the last one may be smaller.
  func images(ofBatch batch: Int) -> Int {
    min(recipe.batchSize, data.samples - batch * recipe.batchSize)
  }
}
