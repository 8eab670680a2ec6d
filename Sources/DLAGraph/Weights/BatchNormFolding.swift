import DLATensor

/// A batch norm as factors and biases of the convolution before it: output channel
/// c has its weights times `scale[c]`, and the bias `shift[c]`.
///
/// Accuracy: float64 throughout, so that storing the products rounds once.
package struct BatchNormFolding: Sendable {
  /// The factor of each output channel's weights.
  package let scale: [Double]
  /// The bias of each output channel.
  package let shift: [Double]

  /// Reads the vectors of a convolution and its batch norm, not the convolution's weights.
  ///
  /// - Throws: the source's error if a tensor can't be read; `NegativeVarianceError`.
  package init(
    of norm: Graph.Node?, into convolution: Graph.Node, from source: some WeightSource
  ) throws {
    let biases = try convolution.tensors.dropFirst().map(source.read)
    var shift = biases.first?.map(Double.init) ?? Array(repeating: 0, count: convolution.channels)
    guard let norm else {
      scale = Array(repeating: 1, count: convolution.channels)
      self.shift = shift
      return
    }
    let values = try norm.tensors.map { try source.read($0).map(Double.init) }
    let (weight, beta, mean, variance) = (values[0], values[1], values[2], values[3])
    guard variance.allSatisfy({ $0 + Graph.Operation.batchNormEpsilon > 0 }) else {
      throw NegativeVarianceError(norm: norm.name)
    }
    scale = zip(weight, variance).map { $0 / ($1 + Graph.Operation.batchNormEpsilon).squareRoot() }
    for channel in shift.indices {
      shift[channel] = (shift[channel] - mean[channel]) * scale[channel] + beta[channel]
    }
    self.shift = shift
  }
}

/// The error of a batch norm with a negative variance.
package struct NegativeVarianceError: Error, CustomStringConvertible {
  package let norm: String

  /// One line: the tensor and what it holds.
  package var description: String {
    "tensor \(norm).running_var holds a negative variance; are these weights whole?"
  }
}
