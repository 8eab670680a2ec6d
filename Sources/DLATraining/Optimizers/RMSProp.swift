import DLASystem

/// RMSProp with momentum, as Paddle's `RMSProp` and, but for a mean square that begins at 1 there,
/// timm's `RMSpropTF`.
///
/// With g the gradient plus decay · p, the mean square is s ← ρs + (1 − ρ)g², the velocity
/// v ← momentum · v + rate · g / √(s + ε), and p ← p − v.
package struct RMSProp: Optimizer {
  package private(set) var updates = 0
  package var momentum: Double

  private let squareMomentum: Double
  private let epsilon: Double
  private let groups: [ParameterGroup]
  private let work: BlockWork
  private var velocity: [Float]
  private var square: [Float]

  /// Starts with zeros; `squareMomentum` is ρ, how much of the mean square an update keeps.
  package init(
    groups: [ParameterGroup], count: Int, momentum: Double = 0, squareMomentum: Double = 0.95,
    epsilon: Double = 1e-6, threads: ThreadPool
  ) {
    (self.groups, self.momentum, self.squareMomentum) = (groups, momentum, squareMomentum)
    self.epsilon = epsilon
    work = BlockWork(threads)
    velocity = Array(repeating: 0, count: count)
    square = velocity
  }

  package var state: OptimizerState {
    OptimizerState(updates: updates, blocks: ["velocity": velocity, "square": square])
  }

  package mutating func restore(_ state: OptimizerState) throws(TrainingError) {
    try state.check(["velocity", "square"], count: velocity.count, of: "RMSProp")
    updates = state.updates
    velocity = state.blocks["velocity", default: velocity]
    square = state.blocks["square", default: square]
  }

  package mutating func step(
    parameters: UnsafeMutableBufferPointer<Float>, gradients: UnsafeMutableBufferPointer<Float>,
    learningRate: Double
  ) {
    precondition(
      parameters.count == velocity.count && gradients.count == velocity.count,
      "the blocks are not as long as the optimizer's")
    updates += 1
    let (momentum, epsilon) = (Float(momentum), Float(epsilon))
    // The difference is taken in float64: 1 − ρ has few digits in float32.
    let (rho, newSquare) = (Float(squareMomentum), Float(1 - squareMomentum))
    velocity.withUnsafeMutableBufferPointer { [groups, work] velocity in
      let velocity = velocity
      square.withUnsafeMutableBufferPointer { square in
        let square = square
        work.forEachPiece(of: groups.map(\.range)) { group, piece in
          let decay = Float(groups[group].decay)
          let rate = Float(learningRate * groups[group].learningRateScale)
          for index in piece {
            let gradient = gradients[index] + decay * parameters[index]
            let s = rho * square[index] + newSquare * gradient * gradient
            let v = momentum * velocity[index] + rate * gradient / (s + epsilon).squareRoot()
            square[index] = s
            velocity[index] = v
            parameters[index] -= v
          }
        }
      }
    }
  }
}
