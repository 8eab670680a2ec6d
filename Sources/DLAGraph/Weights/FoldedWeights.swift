import DLATensor

/// A convolution's weights and bias with the batch norm after it multiplied in.
///
/// Accuracy: scale and shift are computed in float64 and rounded once.
package struct FoldedWeights {
  /// [O, I / groups, side, side], not yet scaled.
  package let weights: [Float]
  /// The factor of each output channel.
  package let scale: [Double]
  /// Of each output channel.
  package let bias: [Float]
  package let convolution: Convolution

  /// Weights that no batch norm follows.
  package init(weights: [Float], scale: [Double], bias: [Float], convolution: Convolution) {
    (self.weights, self.scale, self.bias, self.convolution) = (weights, scale, bias, convolution)
  }

  /// Reads weights and folds the batch norm into them.
  ///
  /// - Throws: the source's error if a tensor can't be read; `RuntimeError` with `.brokenWeights`
  ///   if a variance is negative.
  package init(
    _ fused: FusedConvolution, computedAs convolution: Convolution, from source: some WeightSource
  ) throws {
    self.convolution = convolution
    let all = try source.read(fused.weights.tensors[0])
    let area = fused.convolution.kernelSize * fused.convolution.kernelSize
    weights =
      convolution.kernelSize == fused.convolution.kernelSize
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
