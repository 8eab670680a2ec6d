import DLASystem

/// A learning rate schedule without its warm-up, as a function of the time.
///
/// Time is counted in steps or epochs from 0.
package enum LearningRateCurve: Sendable, Equatable {
  case constant(Double)
  /// The first value until the first boundary, then the second, and so on (Paddle's
  /// `PiecewiseDecay`). There is one value more than boundaries.
  case piecewise(boundaries: [Int], values: [Double])
  /// Multiplied by a factor after every so many steps or epochs (`StepLR`, `StepDecay`).
  case step(base: Double, every: Int, factor: Double)
  /// Half a cosine from `base` to `minimum`, which is kept from `length` on (SGDR, arXiv:1608.03983,
  /// without restarts; `CosineAnnealingLR`, `CosineAnnealingDecay`).
  case cosine(base: Double, minimum: Double, length: Double)
  /// From `base` to `minimum` by a power of the rest of `length` (Paddle's `PolynomialDecay`).
  case polynomial(base: Double, minimum: Double, power: Double, length: Double)
  case oneCycle(OneCycle)

  /// The learning rate after some steps or epochs; below 0 counts as 0.
  package func learningRate(at time: Int) -> Double {
    let time = max(time, 0)
    switch self {
    case .constant(let rate): return rate
    case .piecewise(let boundaries, let values):
      return values[boundaries.firstIndex { time < $0 } ?? boundaries.count]
    case .step(let base, let every, let factor):
      return base * Platform.power(factor, Double(time / every))
    case .cosine(let base, let minimum, let length):
      guard length > 0 else { return base }
      return Annealing.cosine.value(
        from: base, to: minimum, at: min(Double(time), length) / length)
    case .polynomial(let base, let minimum, let power, let length):
      guard length > 0 else { return base }
      let rest = 1 - min(Double(time), length) / length
      return (base - minimum) * Platform.power(rest, power) + minimum
    case .oneCycle(let cycle): return cycle.learningRate(at: time)
    }
  }

  /// Checks that the numbers are consistent.
  ///
  /// - Throws: `TrainingError` with `.unsuitableNumber`.
  func check() throws(TrainingError) {
    switch self {
    case .constant, .cosine, .polynomial: return
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

/// The shape of a change from one value to another.
package enum Annealing: Sendable, Equatable {
  /// Half a cosine: slow at both ends.
  case cosine
  case linear

  /// The value at a fraction of the way from `start` to `end`.
  func value(from start: Double, to end: Double, at fraction: Double) -> Double {
    switch self {
    case .cosine: end + (start - end) / 2 * (1 + Platform.cosine(.pi * fraction))
    case .linear: start + (end - start) * fraction
    }
  }
}

/// The 1cycle policy (Smith and Topin, arXiv:1708.07120) in two phases, as PyTorch's `OneCycleLR`.
///
/// The learning rate rises from `peak / startDivisor` to `peak`, then falls to the first learning rate divided by
/// `endDivisor`. A momentum that is cycled too does the opposite.
package struct OneCycle: Sendable, Equatable {
  package struct Momentum: Sendable, Equatable {
    /// The momentum at the highest learning rate.
    package var lowest = 0.85
    /// The momentum at both ends.
    package var highest = 0.95

    /// Sets the bounds, PyTorch's unless others are given.
    package init(lowest: Double = 0.85, highest: Double = 0.95) {
      (self.lowest, self.highest) = (lowest, highest)
    }
  }

  /// The highest learning rate.
  package var peak: Double
  /// Steps or epochs of the whole cycle; the last learning rate is that of `length − 1`, and is kept.
  package var length: Int
  /// The fraction of the cycle in which the learning rate rises (`pct_start`).
  package var risingFraction = 0.3
  /// The peak over the first learning rate (`div_factor`).
  package var startDivisor = 25.0
  /// The first learning rate over the last (`final_div_factor`).
  package var endDivisor = 1e4
  /// The shape of both phases.
  package var annealing = Annealing.cosine
  /// The bounds of momentum; nil if it is not cycled.
  package var cycledMomentum: Momentum?

  /// A cycle with PyTorch's proportions and without a cycled momentum.
  package init(peak: Double, length: Int) {
    (self.peak, self.length) = (peak, length)
  }

  /// The learning rate at a time.
  package func learningRate(at time: Int) -> Double {
    let first = peak / startDivisor
    return value(at: time, first: first, middle: peak, last: first / endDivisor)
  }

  /// The momentum at some time; nil if it is not cycled.
  package func momentum(at time: Int) -> Double? {
    cycledMomentum.map { value(at: time, first: $0.highest, middle: $0.lowest, last: $0.highest) }
  }

  private func value(at time: Int, first: Double, middle: Double, last: Double) -> Double {
    let time = Double(min(max(time, 0), max(length - 1, 0)))
    let peakTime = risingFraction * Double(length) - 1
    let end = Double(length - 1)
    if time <= peakTime {
      // A cycle whose peak is its first step does not rise.
      return peakTime > 0 ? annealing.value(from: first, to: middle, at: time / peakTime) : middle
    }
    return end > peakTime
      ? annealing.value(from: middle, to: last, at: (time - peakTime) / (end - peakTime)) : middle
  }

  /// Checks that the numbers are consistent.
  ///
  /// - Throws: `TrainingError` with `.unsuitableNumber`.
  func check() throws(TrainingError) {
    guard (0...1).contains(risingFraction), startDivisor > 0, endDivisor > 0 else {
      throw TrainingError(
        code: .unsuitableNumber,
        message: "a one-cycle schedule rises for \(risingFraction) of its length with divisors "
          + "\(startDivisor) and \(endDivisor); the fraction must be from 0 to 1, divisors above 0")
    }
  }
}
