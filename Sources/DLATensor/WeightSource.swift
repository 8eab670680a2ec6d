/// The name, shape and kind of one tensor of a network.
public struct TensorSpecification: Sendable, Equatable {
  /// The role of a tensor in training.
  public enum Kind: Sendable {
    /// Learned by gradient descent.
    case parameter
    /// Measured by batch norm: a running mean or variance.
    case statistic
  }

  /// The name in timm's spelling.
  public let name: String
  /// The length of each dimension.
  public let shape: [Int]
  /// Its role in training.
  public let kind: Kind

  /// Describes a tensor.
  public init(name: String, shape: [Int], kind: Kind = .parameter) {
    (self.name, self.shape, self.kind) = (name, shape, kind)
  }

  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }
}

/// A source of a network's tensors, read one at a time.
public protocol WeightSource: Sendable {
  /// Reads one tensor as float32.
  ///
  /// - Returns: its elements in C order, `tensor.count` of them.
  /// - Throws: the source's own error if the tensor is missing, misshapen or unreadable.
  func read(_ tensor: TensorSpecification) throws -> [Float]

  /// A hash of everything that `read` can return, the key under which derived data is cached.
  ///
  /// - Returns: the hash; nil, the default, if nothing derived from these weights is cached.
  func contentHash() -> UInt64?
}

extension WeightSource {
  /// No hash: nothing derived from these weights is cached.
  ///
  /// - Returns: nil.
  public func contentHash() -> UInt64? { nil }
}
