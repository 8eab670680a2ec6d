import DLAGraph
import DLATensor
import DLAText

extension Trainer {
  /// The weights as they are now, statistics included; a copy.
  public var weights: any WeightSource { BlockWeights(graph.tensors, Array(parameters.all)) }

  /// The moving average of the weights, a copy; nil if there is none, or nothing was learned yet.
  public var averagedWeights: (any WeightSource)? {
    average.flatMap { $0.updates > 0 ? BlockWeights(graph.tensors, $0.values) : nil }
  }
}

/// Weights in one block, tensor after tensor.
struct BlockWeights: WeightSource {
  private let ranges: [String: Range<Int>]
  private let values: [Float]

  init(_ tensors: [TensorSpecification], _ values: [Float]) {
    var ranges: [String: Range<Int>] = [:]
    var start = 0
    for tensor in tensors {
      ranges[tensor.name] = start..<start + tensor.count
      start += tensor.count
    }
    (self.ranges, self.values) = (ranges, values)
  }

  /// - Throws: `TrainingError` with `.unknownPart` for an unknown name or size.
  func read(_ tensor: TensorSpecification) throws -> [Float] {
    guard let range = ranges[tensor.name], range.count == tensor.count else {
      throw TrainingError(
        code: .unknownPart,
        message: "there is no tensor \(printable(tensor.name)) of shape \(tensor.shape) here")
    }
    return Array(values[range])
  }
}

/// The weights of a network before any training, as timm draws them (`timm/models/dla.py`).
///
/// Weights of convolutions, the classifier's too, are normal with variance 2 / (side² · output
/// channels); biases are uniform within ±1/√(input channels), PyTorch's default; norms begin as
/// identities.
public struct InitialWeights: WeightSource {
  private let random: TrainingRandom
  private let inputs: [String: Int]

  /// Draws the weights of a network.
  ///
  /// - Parameters:
  ///   - graph: the network.
  ///   - seed: what they follow from.
  public init(_ graph: Graph, seed: UInt64) {
    random = TrainingRandom(seed: seed)
    var inputs: [String: Int] = [:]
    for node in graph.nodes {
      if case .convolution(let convolution) = node.operation {
        inputs["\(node.name).bias"] = convolution.inChannels / convolution.groups
      }
    }
    self.inputs = inputs
  }

  /// Draws one tensor.
  ///
  /// - Parameter tensor: its name and shape.
  /// - Returns: its elements in C order; they follow from the seed and the name.
  public func read(_ tensor: TensorSpecification) -> [Float] {
    var random = random.stream(.initialize, name: tensor.name)
    if tensor.shape.count == 4 {
      let fan = tensor.shape[0] * tensor.shape[2] * tensor.shape[3]
      let deviation = (2 / Double(fan)).squareRoot()
      return (0..<tensor.count).map { _ in Float(deviation * random.nextNormal()) }
    }
    if let inputs = inputs[tensor.name] {
      let bound = 1 / Double(inputs).squareRoot()
      return (0..<tensor.count).map { _ in Float(bound * random.nextUniform()) }
    }
    let isOne = tensor.name.hasSuffix(".weight") || tensor.name.hasSuffix(".running_var")
    return Array(repeating: isOne ? 1 : 0, count: tensor.count)
  }
}
