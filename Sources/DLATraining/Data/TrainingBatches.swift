import DLAData
import DLASystem
import DLATensor
import DLAText

/// The batches of one epoch: images decoded, augmented, normalised and erased by threads of their
/// own, and their labels.
///
/// A batch follows from the seed, the epoch and its place alone. Samples that can't be read are
/// skipped; the batch is filled with those that follow.
public final class TrainingBatches {
  /// Images that could not be read.
  public private(set) var unreadable: Int
  /// Samples that were taken, unreadable ones included.
  public private(set) var samplesTaken: Int

  private let preprocessor: Preprocessor
  private let ring: SampleRing<Title, EpochSamples.Item>
  private let batchSize: Int
  private let maxUnreadable: Int
  private let samples: Int
  private var holdsBatch = false

  /// The part of a sample that is kept until its batch is formed.
  private typealias Title = (place: Int, label: Int)

  /// The data of an epoch and how they are read.
  public struct Source: Sendable {
    /// The images.
    public var data: TrainingData
    /// The order and augmentation of the images.
    public var recipe: TrainingRecipe
    /// Resizing, cropping and normalisation.
    public var preprocessor: Preprocessor
    /// Threads that decode.
    public var threads: Int
    /// Images of an epoch that may be unreadable.
    public var maxUnreadable: Int

    /// Describes the data of an epoch.
    ///
    /// - Parameters:
    ///   - data: the images.
    ///   - recipe: the order and augmentation of the images; `TrainingRecipe.check()` has passed.
    ///   - preprocessor: resizing, cropping and normalisation.
    ///   - threads: threads that decode; nil for all processors.
    ///   - maxUnreadable: images of an epoch that may be unreadable.
    public init(
      _ data: TrainingData, recipe: TrainingRecipe, preprocessor: Preprocessor,
      threads: Int? = nil, maxUnreadable: Int = 100
    ) {
      (self.data, self.recipe, self.preprocessor) = (data, recipe, preprocessor)
      self.threads = threads ?? Platform.processorCount
      self.maxUnreadable = maxUnreadable
    }
  }

  /// Starts or resumes an epoch.
  ///
  /// - Parameters:
  ///   - source: the data.
  ///   - epoch: from 0.
  ///   - samplesTaken: samples that were taken before.
  ///   - unreadable: how many of them could not be read.
  /// - Throws: `DatasetError` if the dataset can't be read; `ImageError` with `.outOfMemory` if the
  ///   system refuses memory or threads.
  public init(_ source: Source, epoch: Int, samplesTaken: Int = 0, unreadable: Int = 0) throws {
    let random = TrainingRandom(seed: source.recipe.seed)
    let preprocessor = source.preprocessor
    let augmentation = source.recipe.augmentation
    let side = preprocessor.preset.crop
    batchSize = source.recipe.batchSize
    var order = try EpochSamples(source.data, random: random, epoch: epoch, place: samplesTaken)
    // The batch that is learned, the next one, and samples further on for all threads.
    let batches = 2 + (source.threads + batchSize - 1) / batchSize
    let next = {
      order.next().map { item in
        (title: (item.place, (try? item.sample.get())?.label ?? 0), item: item)
      }
    }
    ring = try SampleRing(
      next, batchSize: batchSize, batches: batches,
      length: preprocessor.channels * side * side, threads: source.threads
    ) { item, target in
      var augmenting = random.stream(.augment, epoch: epoch, index: item.place)
      let pixels = try preprocessor.pixels(
        preprocessor.image(item.sample.get()), augmentation, random: &augmenting)
      preprocessor.normalize(pixels, into: target)
      if let erasing = augmentation.erasing {
        var random = random.stream(.erase, epoch: epoch, index: item.place)
        erasing.erase(target, height: pixels.height, width: pixels.width, random: &random)
      }
    }
    (self.preprocessor, self.samplesTaken) = (preprocessor, samplesTaken)
    self.unreadable = unreadable
    maxUnreadable = source.maxUnreadable
    samples = source.data.samples
  }

  deinit { ring.stop() }

  /// The next batch of the recipe's batch size.
  ///
  /// - Parameter warn: called for each image that can't be read, with one line.
  /// - Returns: normalised images, [N, channels, H, W], and the class of each.
  /// - Throws: `TrainingError` with `.tooManyUnreadable`, or `.unsuitableData` if no image can be read.
  public func next(
    warn: (String) -> Void = { _ in }
  ) throws(TrainingError) -> (images: Tensor, labels: [Int]) {
    let side = preprocessor.preset.crop
    let (images, labels) = try next(batchSize, warn: warn)
    let shape = [batchSize, preprocessor.channels, side, side]
    return (Tensor(shape: shape, elements: Array(images)), labels)
  }

  /// The next batch where the decoding threads wrote it.
  ///
  /// `warn` is called for each image that can't be read, with one line.
  ///
  /// - Returns: normalised images, [N, channels, H, W], to be used and changed until the next call, and the
  ///   class of each.
  /// - Throws: as `next(warn:)`.
  package func next(
    _ count: Int, warn: (String) -> Void
  ) throws(TrainingError) -> (images: UnsafeMutableBufferPointer<Float>, labels: [Int]) {
    if holdsBatch { ring.release() }
    holdsBatch = false
    var labels: [Int] = []
    let batch = try ring.next(count) { title, error throws(TrainingError) in
      samplesTaken += 1
      if let error { try skip(title.place, error, warn) } else { labels.append(title.label) }
      return true
    }
    guard let batch, batch.count == count else {
      throw TrainingError(
        code: .unsuitableData, message: "the training data hold no images any more")
    }
    holdsBatch = true
    return (batch.images, labels)
  }

  private func skip(
    _ place: Int, _ error: any Error, _ warn: (String) -> Void
  ) throws(TrainingError) {
    // After the last sample the epoch continues with the first ones, which were counted already.
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
        code: .tooManyUnreadable,
        message: "\(grouped(unreadable)) images of this epoch can't be read, the last: \(error); "
          + "repair or remove them, or allow more than \(grouped(maxUnreadable))")
    }
  }
}

/// The samples of one epoch in random order, repeated where unreadable ones leave batches short, so
/// that every epoch has the same number of batches.
struct EpochSamples {
  /// A sample and its place in the epoch.
  struct Item: Sendable {
    /// Samples of the epoch before this one.
    let place: Int
    let sample: Result<Sample, SampleError>
  }

  private let dataset: any Dataset
  private let key: String
  private var reader: any SampleReader
  private var place: Int
  private var hasSample = true

  /// Starts an epoch, or resumes it behind `place` samples.
  ///
  /// - Throws: `DatasetError` if the dataset can't be read.
  init(_ data: TrainingData, random: TrainingRandom, epoch: Int, place: Int) throws(DatasetError) {
    dataset = try data.dataset.shuffled(seed: random.orderSeed(epoch: epoch))
    key = "\(random.seed)/\(epoch)"
    reader = try Self.reader(of: dataset, key: key)
    self.place = place
    reader.skip(place % max(1, data.samples))
  }

  /// The next sample; nil if there is none at all.
  mutating func next() -> Item? {
    if let sample = reader.next() {
      hasSample = true
      defer { place += 1 }
      return Item(place: place, sample: sample)
    }
    guard hasSample, let again = try? Self.reader(of: dataset, key: key) else { return nil }
    hasSample = false
    reader = again
    return next()
  }

  /// Datasets that can only be read in order are shuffled through a buffer.
  private static func reader(
    of dataset: any Dataset, key: String
  ) throws(DatasetError) -> any SampleReader {
    let reader = try dataset.reader()
    return dataset.count == nil ? BufferedShuffle(reader, key: key) : reader
  }
}

/// Samples of a stream in a locally random order: each is drawn from a buffer.
private struct BufferedShuffle: SampleReader {
  private var reader: any SampleReader
  private var random: KeyedRandom
  private var buffer: [Result<Sample, SampleError>] = []

  /// Samples in the buffer; some hundred megabytes of ordinary images.
  private static let size = 1024

  init(_ reader: any SampleReader, key: String) {
    self.reader = reader
    random = KeyedRandom(key: "shuffle buffer/\(key)")
  }

  mutating func next() -> Result<Sample, SampleError>? {
    while buffer.count < Self.size, let sample = reader.next() { buffer.append(sample) }
    guard !buffer.isEmpty else { return nil }
    buffer.swapAt(random.nextIndex(below: buffer.count), buffer.count - 1)
    return buffer.removeLast()
  }
}
