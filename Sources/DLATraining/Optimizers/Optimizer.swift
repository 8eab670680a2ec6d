import DLAText

/// A rule by which gradients change parameters.
package protocol Optimizer: Sendable {
  /// Updates done so far.
  var updates: Int { get }
  /// The share of the past in the direction of an update; schedules may change it.
  var momentum: Double { get set }
  /// What the next update depends on beside parameters and gradients, to be saved.
  var state: OptimizerState { get }

  /// Changes the parameters of all groups; all other numbers of the block are left as they are.
  ///
  /// - Parameters:
  ///   - parameters: the whole block.
  ///   - gradients: as many numbers; they are only read.
  ///   - rate: the learning rate.
  mutating func step(
    parameters: UnsafeMutableBufferPointer<Float>, gradients: UnsafeMutableBufferPointer<Float>,
    rate: Double)

  /// Goes on from a state that was saved.
  ///
  /// - Throws: `TrainingError` with `.unsuitableState` if it is of another optimizer or network.
  mutating func restore(_ state: OptimizerState) throws(TrainingError)
}

/// What an optimizer remembers.
package struct OptimizerState: Sendable, Equatable {
  /// Updates done so far.
  package var updates: Int
  /// Blocks by name, each as long as the parameters' block.
  package var blocks: [String: [Float]]

  /// Collects a state.
  package init(updates: Int, blocks: [String: [Float]]) {
    self.updates = updates
    self.blocks = blocks
  }

  /// Holds the state to consist of exactly these blocks.
  ///
  /// - Parameters:
  ///   - names: what the blocks are called.
  ///   - count: how many numbers each has.
  ///   - optimizer: whose state it should be.
  /// - Throws: `TrainingError` with `.unsuitableState`.
  func check(_ names: [String], count: Int, of optimizer: String) throws(TrainingError) {
    let found = blocks.keys.sorted()
    guard found == names.sorted(), updates >= 0 else {
      throw TrainingError(
        code: .unsuitableState,
        message: "the saved optimizer holds [\(printable(found.joined(separator: ", ")))] after "
          + "\(updates) updates, \(optimizer) keeps [\(names.joined(separator: ", "))]; "
          + "was the run started with another optimizer?")
    }
    for name in names where blocks[name]?.count != count {
      throw TrainingError(
        code: .unsuitableState,
        message: "the saved optimizer's \(name) has \(blocks[name]?.count ?? 0) numbers, the "
          + "network has \(count); was it saved for another network?")
    }
  }
}
