import DLASystem

/// An exponential moving average of a network's weights, statistics included, as timm's
/// `ModelEmaV3`.
///
/// The first update copies the weights; each later one keeps `decay` of the average. With a
/// warm-up, the decay after the nth of these is at most 1 − (1 + n / gamma) to the power of
/// −`power`.
package struct WeightAverage: Sendable {
  package struct WarmUp: Sendable, Equatable {
    /// Stretches the beginning.
    package var gamma: Double
    /// The exponent of the warm-up.
    package var power: Double

    /// Makes a warm-up; the defaults are timm's.
    package init(gamma: Double = 1, power: Double = 2.0 / 3) {
      (self.gamma, self.power) = (gamma, power)
    }
  }

  /// The share of the average that an update keeps.
  package let decay: Double
  /// The warm-up of the decay; nil for none.
  package let warmUp: WarmUp?
  package private(set) var updates = 0
  /// The average, a block as long as the weights; zeros before the first update.
  package private(set) var values: [Float]

  private let work: BlockWork

  /// Starts an average of which an update keeps the share `decay`, less during the warm-up.
  package init(count: Int, decay: Double = 0.9999, warmUp: WarmUp? = nil, threads: ThreadPool) {
    precondition((0...1).contains(decay), "the decay \(decay) is not from 0 to 1")
    (self.decay, self.warmUp) = (decay, warmUp)
    values = Array(repeating: 0, count: count)
    work = BlockWork(threads)
  }

  /// Adds the weights after an update of the optimizer.
  package mutating func update(with weights: UnsafeMutableBufferPointer<Float>) {
    precondition(weights.count == values.count, "the weights are not as many as the average's")
    updates += 1
    let decay = decay(atUpdate: updates)
    guard decay > 0 else {
      values.withUnsafeMutableBufferPointer { _ = $0.update(fromContentsOf: weights) }
      return
    }
    let share = Float(1 - decay)
    values.withUnsafeMutableBufferPointer { [work] values in
      let values = values
      work.forEachPiece(of: [values.indices]) { _, piece in
        for index in piece { values[index] += share * (weights[index] - values[index]) }
      }
    }
  }

  /// Restores a saved average.
  ///
  /// - Throws: `TrainingError` with `.unsuitableState` if it is of another network.
  package mutating func restore(_ saved: [Float], updates: Int) throws(TrainingError) {
    let state = OptimizerState(updates: updates, blocks: ["average": saved])
    try state.check(["average"], count: values.count, of: "the moving average")
    values = saved
    self.updates = updates
  }

  /// The share of the average that an update keeps.
  ///
  /// - Returns: 0 for the first, so that it copies the weights.
  package func decay(atUpdate update: Int) -> Double {
    guard update > 1 else { return 0 }
    guard let warmUp else { return decay }
    let grown = 1 - Platform.power(1 + Double(update - 1) / warmUp.gamma, -warmUp.power)
    return min(grown, decay)
  }
}
