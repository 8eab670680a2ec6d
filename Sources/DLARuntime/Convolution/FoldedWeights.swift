import DLACore

/// A convolution's weights and bias with the batch norm after it multiplied in.
///
/// Accuracy: scale and shift are computed in float64 and rounded once.
struct FoldedWeights {
  /// [O, I / groups, side, side], not yet scaled.
  let weights: [Float]
  /// The factor of each output channel.
  let scale: [Double]
  let bias: [Float]
  let convolution: Convolution

  /// - Throws: the source's error if a tensor can't be read; `RuntimeError` with `.brokenWeights` if
  ///   a variance is negative.
  init(_ fused: FusedConvolution, from source: some WeightSource) throws {
    convolution = fused.convolution
    let own = try fused.weights.tensors.map(source.read)
    weights = own[0]
    var shift =
      own.count > 1
      ? own[1].map(Double.init) : Array(repeating: 0, count: convolution.outputChannels)
    guard let norm = fused.norm else {
      scale = Array(repeating: 1, count: convolution.outputChannels)
      bias = shift.map(Float.init)
      return
    }
    let values = try norm.tensors.map { try source.read($0).map(Double.init) }
    let (weight, beta, mean, variance) = (values[0], values[1], values[2], values[3])
    guard variance.allSatisfy({ $0 + Operation.batchNormEpsilon > 0 }) else {
      throw RuntimeError(
        code: .brokenWeights,
        message:
          "tensor \(norm.name).running_var holds a negative variance; are these weights whole?")
    }
    scale = zip(weight, variance).map {
      $0 / ($1 + Operation.batchNormEpsilon).squareRoot()
    }
    for channel in shift.indices {
      shift[channel] = (shift[channel] - mean[channel]) * scale[channel] + beta[channel]
    }
    bias = shift.map(Float.init)
  }
}
