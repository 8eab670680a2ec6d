import DLAData
import DLASystem
import DLATensor
import DLAText

/// The batches of one epoch: images decoded, changed at random and normalised, and their labels.
///
/// What a batch holds follows from the seed, the epoch and its place alone, whatever the threads do.
public final class TrainingBatches {
  /// Images that could not be read.
  public private(set) var unreadable: Int
  /// Samples that were taken, those that could not be read among them.
  public private(set) var samplesTaken: Int

  private let preprocessor: Preprocessor
  private let erasing: RandomErasing?
  private let random: TrainingRandom
  private let epoch: Int
  private let decoding: SampleDecoding
  private let batchSize: Int
  private let maxUnreadable: Int
  private let samples: Int

  /// What is read, and how.
  public struct Source: Sendable {
    /// The images.
    public var data: TrainingData
    /// How they are changed and in which order they come.
    public var recipe: TrainingRecipe
    /// How they become the network's input.
    public var preprocessor: Preprocessor
    /// Threads that decode.
    public var threads: Int
    /// Images of an epoch that may be unreadable.
    public var maxUnreadable: Int

    /// Names what is read.
    ///
    /// - Parameters:
    ///   - data: the images.
    ///   - recipe: how they are changed and in which order they come; `TrainingRecipe.check()` has
    ///     passed.
    ///   - preprocessor: how they become the network's input.
    ///   - threads: threads that decode; nil for as many as processors.
    ///   - maxUnreadable: images of an epoch that may be unreadable.
    public init(
      _ data: TrainingData, recipe: TrainingRecipe, preprocessor: Preprocessor,
      threads: Int? = nil, maxUnreadable: Int = 100
    ) {
      self.data = data
      self.recipe = recipe
      self.preprocessor = preprocessor
      self.threads = threads ?? Platform.processorCount
      self.maxUnreadable = maxUnreadable
    }
  }

  /// Begins an epoch, or goes on within one.
  ///
  /// - Parameters:
  ///   - source: what is read.
  ///   - epoch: from 0.
  ///   - samplesTaken: samples that were taken before.
  ///   - unreadable: how many of them could not be read.
  /// - Throws: `DatasetError` if nothing can be read; `TrainingError` if the system grants no thread.
  public init(
    _ source: Source, epoch: Int, samplesTaken: Int = 0, unreadable: Int = 0
  ) throws {
    let random = TrainingRandom(seed: source.recipe.seed)
    let preprocessor = source.preprocessor
    let augmentation = source.recipe.augmentation
    decoding = try SampleDecoding(
      EpochSamples(source.data, random: random, epoch: epoch, place: samplesTaken),
      threads: source.threads, depth: 2 * source.recipe.batchSize + source.threads
    ) { sample, place in
      var random = random.stream(.augment, epoch: epoch, index: place)
      return try preprocessor.pixels(
        preprocessor.image(sample), augmentation, random: &random)
    }
    self.preprocessor = preprocessor
    self.random = random
    self.epoch = epoch
    erasing = augmentation.erasing
    self.samplesTaken = samplesTaken
    self.unreadable = unreadable
    batchSize = source.recipe.batchSize
    maxUnreadable = source.maxUnreadable
    samples = source.data.samples
  }

  deinit { decoding.stop() }

  /// The next batch, of as many images as the recipe says.
  ///
  /// - Parameter warn: is told of every image that can't be read.
  /// - Returns: normalised images, [N, 3, H, W], and the class of each.
  /// - Throws: `TrainingError` with `.unsuitableData` if more images can't be read than may be.
  public func next(
    warn: (String) -> Void = { _ in }
  ) throws(TrainingError) -> (images: Tensor, labels: [Int]) {
    let side = preprocessor.preset.crop
    var images = Tensor(zeros: [batchSize, 3, side, side])
    let labels = try images.elements.withUnsafeMutableBufferPointer {
      images throws(TrainingError) in
      try next(images, count: batchSize, warn: warn)
    }
    return (images, labels)
  }

  /// Fills a batch.
  ///
  /// - Parameters:
  ///   - images: [N, 3, H, W], all of it is written.
  ///   - count: N.
  ///   - warn: is told of every image that can't be read.
  /// - Returns: the class of each image.
  /// - Throws: `TrainingError` with `.unsuitableData` if more images can't be read than may be.
  package func next(
    _ images: UnsafeMutableBufferPointer<Float>, count: Int, warn: (String) -> Void
  ) throws(TrainingError) -> [Int] {
    var labels: [Int] = []
    let length = images.count / count
    while labels.count < count {
      guard let decoded = decoding.next() else {
        throw TrainingError(
          code: .unsuitableData, message: "the training data hold no images any more")
      }
      samplesTaken += 1
      switch decoded.pixels {
      case .success(let pixels):
        let start = labels.count * length
        let image = UnsafeMutableBufferPointer(rebasing: images[start..<start + length])
        preprocessor.normalize(pixels, into: image)
        if let erasing {
          var random = random.stream(.erase, epoch: epoch, index: decoded.place)
          erasing.erase(image, height: pixels.height, width: pixels.width, random: &random)
        }
        labels.append(decoded.label)
      case .failure(let error):
        try skip(decoded.place, error, warn)
      }
    }
    return labels
  }

  private func skip(
    _ place: Int, _ error: any Error, _ warn: (String) -> Void
  ) throws(TrainingError) {
    // Behind the last sample the first ones come again.
    guard place < samples else { return }
    unreadable += 1
    warn("\(error)")
    guard unreadable < samples else {
      throw TrainingError(
        code: .unsuitableData,
        message: "no image of the training data can be read; one is \(error)")
    }
    guard unreadable <= maxUnreadable else {
      throw TrainingError(
        code: .unsuitableData,
        message: "\(grouped(unreadable)) images of this epoch can't be read, the last: \(error); "
          + "mend or remove them, or allow for more (--max-bad)")
    }
  }
}
