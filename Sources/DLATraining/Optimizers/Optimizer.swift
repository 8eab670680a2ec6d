import DLATensor
import DLAText

/// A rule by which gradients change parameters.
package protocol Optimizer: Sendable {
  var updates: Int { get }
  /// The share of the past in the direction of an update; schedules may change it.
  var momentum: Double { get set }
  var state: OptimizerState { get }

  /// Changes the parameters of all groups of the whole block; `learningRate` is scaled by group.
  mutating func step(
    parameters: UnsafeMutableBufferPointer<Float>, gradients: UnsafeMutableBufferPointer<Float>,
    learningRate: Double)

  /// Restores a saved state.
  ///
  /// - Throws: `TrainingError` with `.unsuitableState` if it is of another optimizer or network.
  mutating func restore(_ state: OptimizerState) throws(TrainingError)
}

package struct OptimizerState: Sendable, Equatable {
  package var updates: Int
  /// Blocks by name, each as long as the parameters' block.
  package var blocks: [String: [Float]]

  /// Collects a state.
  package init(updates: Int, blocks: [String: [Float]]) {
    (self.updates, self.blocks) = (updates, blocks)
  }

  /// Checks that an optimizer's state consists of exactly these blocks of `count` numbers.
  ///
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

extension TrainingRecipe.Clipping {
  /// Bounds the gradients of some groups; the others neither count nor change.
  ///
  /// A norm that is not finite can't be mended by scaling, so then nothing is changed. The
  /// gradients are those of the whole block, which holds the tensors one after another.
  ///
  /// - Returns: the L2 norm before, in float64; the same for any number of threads.
  @discardableResult
  package func apply(
    to gradients: UnsafeMutableBufferPointer<Float>, of groups: [ParameterGroup],
    tensors: [TensorSpecification], work: BlockWork
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
    case .normOfEach(let most):
      guard norm.isFinite else { break }
      for range in Self.places(of: tensors, within: ranges) {
        let own = work.sumOfSquares(gradients, in: [range]).squareRoot()
        guard own > most else { continue }
        work.forEachPiece(of: [range]) { _, piece in
          for index in piece { gradients[index] *= Float(most / own) }
        }
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

  /// The range of each tensor that lies within one of some ranges of the block.
  private static func places(
    of tensors: [TensorSpecification], within ranges: [Range<Int>]
  ) -> [Range<Int>] {
    var start = 0
    return tensors.compactMap { tensor in
      let place = start..<start + tensor.count
      start = place.upperBound
      return ranges.contains { !place.isEmpty && $0.clamped(to: place) == place } ? place : nil
    }
  }
}
