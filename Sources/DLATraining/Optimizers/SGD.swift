import DLASystem

/// Stochastic gradient descent with momentum, as PyTorch's `SGD` with dampening 0 and as Paddle's
/// `Momentum`.
///
/// With g the gradient plus decay · p, the velocity is v ← momentum · v + g, and p ← p − rate · v;
/// with Nesterov's momentum p ← p − rate · (g + momentum · v) (Sutskever et al., ICML 2013).
package struct SGD: Optimizer {
  package private(set) var updates = 0
  package var momentum: Double

  private let isNesterov: Bool
  private let groups: [ParameterGroup]
  private let work: BlockWork
  private var velocity: [Float]

  /// Starts with a velocity of zero, of which each update keeps the share `momentum`.
  package init(
    groups: [ParameterGroup], count: Int, momentum: Double = 0.9, isNesterov: Bool = false,
    threads: ThreadPool
  ) {
    (self.groups, self.momentum, self.isNesterov) = (groups, momentum, isNesterov)
    work = BlockWork(threads)
    velocity = Array(repeating: 0, count: count)
  }

  package var state: OptimizerState {
    OptimizerState(updates: updates, blocks: ["velocity": velocity])
  }

  package mutating func restore(_ state: OptimizerState) throws(TrainingError) {
    try state.check(["velocity"], count: velocity.count, of: "SGD")
    updates = state.updates
    velocity = state.blocks["velocity", default: velocity]
  }

  package mutating func step(
    parameters: UnsafeMutableBufferPointer<Float>, gradients: UnsafeMutableBufferPointer<Float>,
    learningRate: Double
  ) {
    precondition(
      parameters.count == velocity.count && gradients.count == velocity.count,
      "the blocks are not as long as the optimizer's")
    updates += 1
    let momentum = Float(momentum)
    velocity.withUnsafeMutableBufferPointer { [groups, isNesterov] velocity in
      let velocity = velocity
      work.forEachPiece(of: groups.map(\.range)) { group, piece in
        let decay = Float(groups[group].decay)
        let rate = Float(learningRate * groups[group].learningRateScale)
        for index in piece {
          let gradient = gradients[index] + decay * parameters[index]
          let next = momentum * velocity[index] + gradient
          velocity[index] = next
          parameters[index] -= rate * (isNesterov ? gradient + momentum * next : next)
        }
      }
    }
  }
}
