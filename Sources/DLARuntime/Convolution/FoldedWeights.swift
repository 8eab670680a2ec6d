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

  /// Weights that no batch norm follows.
  init(weights: [Float], scale: [Double], bias: [Float], convolution: Convolution) {
    self.weights = weights
    self.scale = scale
    self.bias = bias
    self.convolution = convolution
  }

  /// - Throws: the source's error if a tensor can't be read; `RuntimeError` with `.brokenWeights` if
  ///   a variance is negative.
  init(_ problem: ConvolutionProblem, from source: some WeightSource) throws {
    let fused = problem.fused
    convolution = problem.convolution
    let all = try source.read(fused.weights.tensors[0])
    let area = fused.convolution.side * fused.convolution.side
    weights =
      convolution.side == fused.convolution.side
      ? all : stride(from: area / 2, to: all.count, by: area).map { all[$0] }
    do {
      let folding = try BatchNormFolding(of: fused.norm, into: fused.weights, from: source)
      scale = folding.scale
      bias = folding.shift.map(Float.init)
    } catch let error as NegativeVarianceError {
      throw RuntimeError(code: .brokenWeights, message: error.description)
    }
  }
}
