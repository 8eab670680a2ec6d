/// One tensor that a network's weights consist of.
public struct TensorSpecification: Sendable, Equatable {
  /// How training treats the tensor.
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
  /// How training treats it.
  public let kind: Kind

  /// Describes a tensor.
  ///
  /// - Parameters:
  ///   - name: the name in timm's spelling.
  ///   - shape: the length of each dimension.
  ///   - kind: how training treats it.
  public init(name: String, shape: [Int], kind: Kind = .parameter) {
    self.name = name
    self.shape = shape
    self.kind = kind
  }

  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }
}

/// Where a network's tensors are read from, one at a time.
public protocol WeightSource: Sendable {
  /// Reads one tensor as float32.
  ///
  /// - Parameter tensor: its name and shape.
  /// - Returns: its elements in C order, `tensor.count` of them.
  /// - Throws: the source's own error if the tensor is missing, misshapen or unreadable.
  func read(_ tensor: TensorSpecification) throws -> [Float]

  /// A hash of all that `read` can give, by which what is made of it can be found again.
  ///
  /// - Returns: the hash; nil, unless a source defines it, if what is made is not worth keeping.
  func contentHash() -> UInt64?
}

extension WeightSource {
  /// No hash: nothing that is made of these weights is kept.
  ///
  /// - Returns: nil.
  public func contentHash() -> UInt64? { nil }
}

extension Graph {
  /// Every tensor of the network, in the order of the nodes.
  public var tensors: [TensorSpecification] { nodes.flatMap(\.tensors) }
}

extension Graph.Node {
  /// The tensors this node reads, parameters first.
  public var tensors: [TensorSpecification] {
    func parameter(_ suffix: String, _ shape: [Int]) -> TensorSpecification {
      TensorSpecification(name: "\(name).\(suffix)", shape: shape, kind: .parameter)
    }
    func statistic(_ suffix: String) -> TensorSpecification {
      TensorSpecification(name: "\(name).\(suffix)", shape: [channels], kind: .statistic)
    }
    switch operation {
    case .convolution(let convolution):
      let weight = parameter("weight", convolution.weightShape)
      return convolution.hasBias ? [weight, parameter("bias", [channels])] : [weight]
    case .batchNorm:
      return [
        parameter("weight", [channels]), parameter("bias", [channels]),
        statistic("running_mean"), statistic("running_var"),
      ]
    default: return []
    }
  }
}
