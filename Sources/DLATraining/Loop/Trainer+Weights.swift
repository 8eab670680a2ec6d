import DLATensor
import DLAText

extension Trainer {
  /// The weights as they are now, statistics included; a copy.
  public var weights: any WeightSource {
    BlockWeights(graph.tensors, Array(parameters.all))
  }

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
    self.ranges = ranges
    self.values = values
  }

  /// - Throws: `TrainingError` with `.unknownPart` if there is none of the name and size.
  func read(_ tensor: TensorSpecification) throws -> [Float] {
    guard let range = ranges[tensor.name], range.count == tensor.count else {
      throw TrainingError(
        code: .unknownPart,
        message: "there is no tensor \(printable(tensor.name)) of shape \(tensor.shape) here")
    }
    return Array(values[range])
  }
}
