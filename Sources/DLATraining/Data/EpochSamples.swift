import DLAData
import DLATensor

/// The samples of one epoch in their random order, again from the beginning where there are not enough.
///
/// A batch that lost samples which can't be read is filled from what follows, so that every epoch has
/// the same number of batches.
struct EpochSamples {
  /// A sample and its place in the epoch.
  struct Item: Sendable {
    /// How many samples came before, from the epoch's beginning on.
    let place: Int
    let sample: Result<Sample, SampleError>
  }

  private let dataset: any Dataset
  private var reader: any SampleReader
  private var place: Int
  private var hasSample = true

  /// Begins an epoch, or goes on within one.
  ///
  /// - Parameters:
  ///   - data: the images.
  ///   - random: what the order follows from.
  ///   - epoch: from 0.
  ///   - place: how many samples were taken before.
  /// - Throws: `DatasetError` if nothing can be read.
  init(
    _ data: TrainingData, random: TrainingRandom, epoch: Int, place: Int
  ) throws(DatasetError) {
    dataset = try data.dataset.shuffled(seed: random.orderSeed(epoch: epoch))
    let key = "\(random.seed)/\(epoch)"
    reader = try Self.reader(of: dataset, key: key)
    self.key = key
    self.place = place
    let total = max(1, data.samples)
    reader.skip(place % total)
  }

  private let key: String

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

  /// Datasets that can't be shuffled sample by sample are read through a buffer that is.
  private static func reader(
    of dataset: any Dataset, key: String
  ) throws(DatasetError) -> any SampleReader {
    let reader = try dataset.reader()
    return dataset.count == nil ? BufferedShuffle(reader, key: key) : reader
  }
}

/// Samples of a stream in a locally random order: each is drawn from those that are in a buffer.
struct BufferedShuffle: SampleReader {
  private var reader: any SampleReader
  private var random: KeyedRandom
  private var buffer: [Result<Sample, SampleError>] = []

  /// Samples that are held; of usual images some hundred megabytes.
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
