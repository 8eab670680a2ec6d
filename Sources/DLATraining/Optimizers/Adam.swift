import DLASystem

/// Adam (Kingma and Ba, arXiv:1412.6980), or with decoupled weight decay AdamW (Loshchilov and Hutter,
/// arXiv:1711.05101), as PyTorch's and Paddle's.
///
/// Decoupled, parameters first shrink by 1 − rate · decay; else g is the gradient plus decay · p.
/// The moments are m ← β₁m + (1 − β₁)g and
/// v ← β₂v + (1 − β₂)g²; with both divided by what they lack after t updates, 1 − βᵗ, the update is
/// p ← p − rate · m / (√v + ε).
package struct Adam: Optimizer {
  package private(set) var updates = 0
  /// β₁, how much of the mean gradient is kept.
  package var momentum: Double

  private let isDecoupled: Bool
  private let squareMomentum: Double
  private let epsilon: Double
  private let groups: [ParameterGroup]
  private let work: BlockWork
  private var mean: [Float]
  private var square: [Float]

  /// Starts with moments of zero; `momentum` is β₁, `squareMomentum` β₂;
  /// `isDecoupled` makes it AdamW.
  package init(
    groups: [ParameterGroup], count: Int, isDecoupled: Bool, momentum: Double = 0.9,
    squareMomentum: Double = 0.999,
    epsilon: Double = 1e-8, threads: ThreadPool
  ) {
    (self.groups, self.momentum, self.squareMomentum) = (groups, momentum, squareMomentum)
    (self.isDecoupled, self.epsilon) = (isDecoupled, epsilon)
    work = BlockWork(threads)
    mean = Array(repeating: 0, count: count)
    square = mean
  }

  package var state: OptimizerState {
    OptimizerState(updates: updates, blocks: ["mean": mean, "square": square])
  }

  package mutating func restore(_ state: OptimizerState) throws(TrainingError) {
    try state.check(["mean", "square"], count: mean.count, of: isDecoupled ? "AdamW" : "Adam")
    updates = state.updates
    mean = state.blocks["mean", default: mean]
    square = state.blocks["square", default: square]
  }

  package mutating func step(
    parameters: UnsafeMutableBufferPointer<Float>, gradients: UnsafeMutableBufferPointer<Float>,
    learningRate: Double
  ) {
    precondition(
      parameters.count == mean.count && gradients.count == mean.count,
      "the blocks are not as long as the optimizer's")
    updates += 1
    let meanLack = 1 - Platform.power(momentum, Double(updates))
    let squareLack = 1 - Platform.power(squareMomentum, Double(updates))
    // Differences are taken in float64: 1 − β₂ has few digits in float32.
    let (beta1, newMean) = (Float(momentum), Float(1 - momentum))
    let (beta2, newSquare) = (Float(squareMomentum), Float(1 - squareMomentum))
    let (rootScale, epsilon) = (Float(1 / squareLack.squareRoot()), Float(epsilon))
    mean.withUnsafeMutableBufferPointer { [groups, work, isDecoupled] mean in
      let mean = mean
      square.withUnsafeMutableBufferPointer { square in
        let square = square
        work.forEachPiece(of: groups.map(\.range)) { group, piece in
          let groupRate = learningRate * groups[group].learningRateScale
          let kept = Float(isDecoupled ? 1 - groupRate * groups[group].decay : 1)
          let decay = Float(isDecoupled ? 0 : groups[group].decay)
          let size = Float(groupRate / meanLack)
          for index in piece {
            let gradient = gradients[index] + decay * parameters[index]
            let m = beta1 * mean[index] + newMean * gradient
            let v = beta2 * square[index] + newSquare * gradient * gradient
            mean[index] = m
            square[index] = v
            parameters[index] =
              kept * parameters[index] - size * m / (v.squareRoot() * rootScale + epsilon)
          }
        }
      }
    }
  }
}
