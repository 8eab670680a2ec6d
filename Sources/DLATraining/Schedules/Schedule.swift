/// The learning rate of every step of a training.
///
/// A rate follows from the step alone, so a resumed training needs no state of its schedule.
package struct Schedule: Sendable, Equatable {
  /// A linear rise to the curve's first rate.
  package typealias WarmUp = RateRecipe.WarmUp

  /// The rate after the warm-up.
  package let curve: RateCurve
  /// What comes first; nil if nothing does.
  package let warmUp: WarmUp?
  /// The training's length.
  package let clock: TrainingClock

  /// Makes a schedule of a curve in the clock's unit.
  ///
  /// - Parameters:
  ///   - curve: the rate after the warm-up.
  ///   - warmUp: what comes first; nil if nothing does. It is no longer than the training.
  ///   - clock: the training's length.
  /// - Throws: `TrainingError` with `.unsuitableNumber` if the curve's numbers contradict
  ///   each other.
  package init(
    curve: RateCurve, warmUp: WarmUp? = nil, clock: TrainingClock
  ) throws(TrainingError) {
    try curve.check()
    self.curve = curve
    self.warmUp = warmUp
    self.clock = clock
  }

  /// The rate of the update that `step` others came before.
  package func rate(atStep step: Int) -> Double {
    let time = clock.time(atStep: step)
    guard let warmUp else { return curve.rate(at: time) }
    let length = Self.length(of: warmUp, clock)
    guard time < length else {
      return curve.rate(at: warmUp.delaysCurve ? time - length : time)
    }
    return annealed(
      from: warmUp.start, to: curve.rate(at: 0), Double(time) / Double(length), .linear)
  }

  /// The momentum of the update that `step` others came before; nil if the curve leaves it alone.
  package func momentum(atStep step: Int) -> Double? {
    guard case .oneCycle(let cycle) = curve else { return nil }
    let delay = warmUp.map { $0.delaysCurve ? Self.length(of: $0, clock) : 0 } ?? 0
    return cycle.momentum(at: clock.time(atStep: step) - delay)
  }

  /// A warm-up's length in the clock's unit, no longer than the training.
  static func length(of warmUp: WarmUp, _ clock: TrainingClock) -> Int {
    min(clock.time(epochs: warmUp.epochs), clock.length)
  }
}
