/// Labelled images in a fixed order.
///
/// Memory does not grow with their number unless a dataset says otherwise. Missing or broken samples are
/// reported in their places, and the rest is still read.
public protocol Dataset: Sendable {
  /// A short description, for instance `10 class folders, matched by name`.
  var summary: String { get }

  /// The number of samples, broken ones included; nil if it is only known after reading all of them.
  var count: Int? { get }

  /// A hash of the samples' names, order and labels; it need not depend on the images' contents.
  var fingerprint: UInt64 { get }

  /// Starts reading at the first sample.
  ///
  /// - Returns: a reader of the samples, in the same order every time.
  /// - Throws: `DatasetError` if the dataset can't be read.
  func reader() throws(DatasetError) -> any SampleReader

  /// The same samples in an order that depends on the seed alone.
  ///
  /// - Returns: the dataset in that order; of shards only their order changes.
  /// - Throws: `DatasetError` if the dataset can't be read.
  func shuffled(seed: UInt64) throws(DatasetError) -> any Dataset
}

/// A reader of the samples of a dataset, in order; not thread-safe.
public protocol SampleReader {
  /// The next sample, or the reason why it can't be read; nil after the last.
  mutating func next() -> Result<Sample, SampleError>?

  /// Skips samples without reading their bytes.
  mutating func skip(_ count: Int)
}

extension SampleReader {
  /// Skips samples by reading them.
  ///
  /// - Parameter count: the number of samples.
  public mutating func skip(_ count: Int) {
    for _ in 0..<count where next() == nil { return }
  }
}

/// An error that makes a whole dataset unreadable.
public struct DatasetError: Error, Sendable, CustomStringConvertible {
  /// The kind of failure, for callers that act on it.
  public enum Code: Sendable, Equatable {
    /// There is no dataset of a known kind, or it can't be read.
    case unreadable
    /// A table has no column of paths, or not the one that was named.
    case noImageColumn
    /// A table has no column of labels, or not the one that was named.
    case noLabelColumn
    /// A label is the number of no class.
    case labelOutOfRange
    /// The folders look like the splits of a dataset, not like classes.
    case splits
    /// The names of class folders do not match the names of the classes.
    case unknownClassFolder
  }

  /// The kind of failure.
  public let code: Code
  /// One line: the path, what was found, what was expected, what to do.
  public let message: String

  /// Makes an error.
  ///
  /// - Parameters:
  ///   - code: the kind of failure.
  ///   - message: one line that starts with the path.
  public init(_ code: Code, _ message: String) {
    (self.code, self.message) = (code, message)
  }

  init(_ message: String) { self.init(.unreadable, message) }

  /// The message.
  public var description: String { message }
}
