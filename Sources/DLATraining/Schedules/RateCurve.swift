import DLASystem

/// The learning rate over time, without a warm-up.
///
/// Time is counted in steps or epochs from 0. Rates of all times follow from the time alone.
package enum RateCurve: Sendable, Equatable {
  /// One rate.
  case constant(Double)
  /// The first value until the first boundary, then the second, and so on (Paddle's
  /// `PiecewiseDecay`). There is one value more than boundaries.
  case piecewise(boundaries: [Int], values: [Double])
  /// Multiplied by a factor after every so many steps or epochs (`StepLR`, `StepDecay`).
  case step(base: Double, every: Int, factor: Double)
  /// Half a cosine from `base` to `minimum`, which is kept from `length` on (SGDR, arXiv:1608.03983,
  /// without restarts; `CosineAnnealingLR`, `CosineAnnealingDecay`).
  case cosine(base: Double, minimum: Double, length: Int)
  /// Up and down once.
  case oneCycle(OneCycle)

  /// The rate at some time.
  ///
  /// - Parameter time: steps or epochs done before; below 0 counts as 0.
  /// - Returns: the rate of the next update.
  package func rate(at time: Int) -> Double {
    let time = max(time, 0)
    switch self {
    case .constant(let rate): return rate
    case .piecewise(let boundaries, let values):
      return values[boundaries.firstIndex { time < $0 } ?? boundaries.count]
    case .step(let base, let every, let factor):
      return base * Platform.power(factor, Double(time / every))
    case .cosine(let base, let minimum, let length):
      guard length > 0 else { return base }
      return annealed(
        from: base, to: minimum, Double(min(time, length)) / Double(length), .cosine)
    case .oneCycle(let cycle): return cycle.rate(at: time)
    }
  }

  /// Holds the numbers to make sense together.
  ///
  /// - Throws: `TrainingError` with `.unsuitableNumber`.
  func check() throws(TrainingError) {
    switch self {
    case .constant, .cosine: return
    case .piecewise(let boundaries, let values):
      guard values.count == boundaries.count + 1 else {
        throw TrainingError(
          code: .unsuitableNumber,
          message: "a piecewise schedule has \(boundaries.count) boundaries and \(values.count) "
            + "values; it needs one value more than boundaries")
      }
      guard zip(boundaries, boundaries.dropFirst()).allSatisfy(<=) else {
        throw TrainingError(
          code: .unsuitableNumber,
          message: "the boundaries \(boundaries) of a piecewise schedule fall")
      }
    case .step(_, let every, _):
      guard every >= 1 else {
        throw TrainingError(
          code: .unsuitableNumber,
          message: "a step schedule changes after every \(every); it must be at least 1")
      }
    case .oneCycle(let cycle): try cycle.check()
    }
  }
}

/// How a number goes from one value to another.
package enum Annealing: Sendable, Equatable {
  /// Half a cosine: slow at both ends.
  case cosine
  /// Evenly.
  case linear
}

/// A number on its way.
///
/// - Parameters:
///   - start: its value at 0.
///   - end: its value at 1.
///   - share: how much of the way is behind.
///   - annealing: how it goes.
/// - Returns: its value there.
func annealed(
  from start: Double, to end: Double, _ share: Double, _ annealing: Annealing
) -> Double {
  switch annealing {
  case .cosine: end + (start - end) / 2 * (1 + Platform.cosine(.pi * share))
  case .linear: start + (end - start) * share
  }
}
