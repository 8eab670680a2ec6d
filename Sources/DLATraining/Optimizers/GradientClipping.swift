/// A bound on gradients before they are used.
package enum GradientClipping: Sendable, Equatable {
  /// All are scaled together so that their L2 norm is at most this, as `clip_grad_norm_` does.
  case norm(Double)
  /// Each is brought into the range from minus this to this.
  case value(Double)

  /// Bounds the gradients of some groups; the others neither count nor change.
  ///
  /// A norm that is not finite can't be mended by scaling, so then nothing is changed.
  ///
  /// - Parameters:
  ///   - gradients: the whole block.
  ///   - groups: whose gradients are bounded together.
  ///   - work: who does it.
  /// - Returns: the L2 norm before, in float64; the same for any number of threads.
  @discardableResult
  package func apply(
    to gradients: UnsafeMutableBufferPointer<Float>, of groups: [ParameterGroup], work: BlockWork
  ) -> Double {
    let ranges = groups.map(\.range)
    let norm = work.sumOfSquares(gradients, in: ranges).squareRoot()
    switch self {
    case .norm(let most):
      // PyTorch's small number keeps the quotient finite where all gradients are zero.
      let factor = most / (norm + 1e-6)
      guard norm.isFinite, factor < 1 else { break }
      work.forEachPiece(of: ranges) { _, piece in
        for index in piece { gradients[index] *= Float(factor) }
      }
    case .value(let most):
      let most = Float(most)
      guard norm.isFinite else { break }
      work.forEachPiece(of: ranges) { _, piece in
        for index in piece { gradients[index] = min(max(gradients[index], -most), most) }
      }
    }
    return norm
  }
}
