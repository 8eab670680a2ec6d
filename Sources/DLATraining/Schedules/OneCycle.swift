/// The 1cycle policy (Smith and Topin, arXiv:1708.07120) in two phases, as PyTorch's `OneCycleLR`.
///
/// The rate rises from `peak / startDivisor` to `peak`, then falls to the first rate divided by
/// `endDivisor`. A momentum that is cycled too does the opposite.
package struct OneCycle: Sendable, Equatable {
  /// The bounds between which momentum falls and rises.
  package struct Momentum: Sendable, Equatable {
    /// Where the rate is highest.
    package var lowest = 0.85
    /// At both ends.
    package var highest = 0.95

    /// Sets the bounds, PyTorch's unless others are given.
    package init(lowest: Double = 0.85, highest: Double = 0.95) {
      self.lowest = lowest
      self.highest = highest
    }
  }

  /// The highest rate.
  package var peak: Double
  /// Steps or epochs of the whole cycle; the last rate is that of `length − 1`, and is kept.
  package var length: Int
  /// The share of the cycle in which the rate rises (`pct_start`).
  package var risingShare = 0.3
  /// The peak over the first rate (`div_factor`).
  package var startDivisor = 25.0
  /// The first rate over the last (`final_div_factor`).
  package var endDivisor = 1e4
  /// How rate and momentum go.
  package var annealing = Annealing.cosine
  /// The bounds of momentum; nil if it is not cycled.
  package var cycledMomentum: Momentum?

  /// A cycle with PyTorch's proportions and without a cycled momentum.
  ///
  /// - Parameters:
  ///   - peak: the highest rate.
  ///   - length: steps or epochs of the whole cycle.
  package init(peak: Double, length: Int) {
    self.peak = peak
    self.length = length
  }

  /// The rate at some time.
  package func rate(at time: Int) -> Double {
    let first = peak / startDivisor
    return value(at: time, first: first, middle: peak, last: first / endDivisor)
  }

  /// The momentum at some time; nil if it is not cycled.
  package func momentum(at time: Int) -> Double? {
    cycledMomentum.map {
      value(at: time, first: $0.highest, middle: $0.lowest, last: $0.highest)
    }
  }

  private func value(at time: Int, first: Double, middle: Double, last: Double) -> Double {
    let time = Double(min(max(time, 0), max(length - 1, 0)))
    let turn = risingShare * Double(length) - 1
    let end = Double(length - 1)
    if time <= turn {
      // A cycle that turns at its first step has no way up.
      return turn > 0 ? annealed(from: first, to: middle, time / turn, annealing) : middle
    }
    return end > turn
      ? annealed(from: middle, to: last, (time - turn) / (end - turn), annealing) : middle
  }

  /// Holds the numbers to make sense together.
  ///
  /// - Throws: `TrainingError` with `.unsuitableNumber`.
  func check() throws(TrainingError) {
    guard (0...1).contains(risingShare), startDivisor > 0, endDivisor > 0 else {
      throw TrainingError(
        code: .unsuitableNumber,
        message: "a one-cycle schedule rises for \(risingShare) of its length with divisors "
          + "\(startDivisor) and \(endDivisor); the share must be from 0 to 1, divisors above 0")
    }
  }
}
