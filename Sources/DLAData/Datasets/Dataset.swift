/// Labelled images in a fixed order.
///
/// Reading takes memory that does not grow with their number, unless a dataset says otherwise. What is
/// missing or broken is told in its place and the rest is still read.
public protocol Dataset: Sendable {
  /// A few words for people, for instance `10 class folders, told by their names`.
  var summary: String { get }

  /// How many samples there are, broken ones among them; nil where only reading all of it tells.
  var count: Int? { get }

  /// Tells datasets of the same classes apart: another number where the samples, their order or their
  /// labels are others.
  ///
  /// What is in the images need not count.
  var fingerprint: UInt64 { get }

  /// Starts to read at the first sample.
  ///
  /// - Returns: what reads; the same samples in the same order every time.
  /// - Throws: `DatasetError` if nothing of it can be read.
  func reader() throws(DatasetError) -> any SampleReader

  /// The same samples in an order that follows from a seed alone.
  ///
  /// - Parameter seed: any number.
  /// - Returns: the dataset in that order; shards are shuffled as wholes.
  /// - Throws: `DatasetError` if nothing of it can be read.
  func shuffled(seed: UInt64) throws(DatasetError) -> any Dataset
}

/// Reads the samples of a dataset one after another; for one thread.
public protocol SampleReader {
  /// The next sample, or why there is none at this place; nil behind the last.
  mutating func next() -> Result<Sample, SampleError>?

  /// Passes over samples without reading their bytes.
  ///
  /// - Parameter count: how many times `next()` need not be called.
  mutating func skip(_ count: Int)
}

extension SampleReader {
  /// Passes over samples by asking for them.
  ///
  /// - Parameter count: how many.
  public mutating func skip(_ count: Int) {
    for _ in 0..<count where next() == nil { return }
  }
}

/// Why a dataset cannot be read at all.
public struct DatasetError: Error, Sendable, CustomStringConvertible {
  /// One line: the path, what was found, what was expected, what to do.
  public let message: String

  /// Makes an error.
  ///
  /// - Parameter message: one line that starts with the path.
  public init(_ message: String) { self.message = message }

  /// The message.
  public var description: String { message }
}
