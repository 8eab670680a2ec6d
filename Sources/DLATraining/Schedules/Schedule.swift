/// The learning rate of every step of a training.
///
/// A learning rate follows from the step alone, so a resumed training needs no state of its schedule.
package struct Schedule: Sendable, Equatable {
  /// A linear rise to the curve's first learning rate.
  package typealias WarmUp = LearningRateRecipe.WarmUp

  /// The learning rate after the warm-up.
  package let curve: LearningRateCurve
  /// The warm-up before the curve; nil for none.
  package let warmUp: WarmUp?
  package let clock: TrainingClock

  /// Makes a schedule of a curve in the clock's unit.
  ///
  /// - Throws: `TrainingError` with `.unsuitableNumber` if the curve's numbers are
  ///   inconsistent.
  package init(
    curve: LearningRateCurve, warmUp: WarmUp? = nil, clock: TrainingClock
  ) throws(TrainingError) {
    try curve.check()
    (self.curve, self.warmUp, self.clock) = (curve, warmUp, clock)
  }

  /// The learning rate of the update after `step` others.
  package func learningRate(atStep step: Int) -> Double {
    let time = clock.time(atStep: step)
    guard let warmUp else { return curve.learningRate(at: time) }
    let length = Self.length(of: warmUp, clock)
    guard time < length else {
      return curve.learningRate(at: warmUp.delaysCurve ? time - length : time)
    }
    return Annealing.linear.value(
      from: warmUp.start, to: curve.learningRate(at: 0), at: Double(time) / Double(length))
  }

  /// The momentum of the update after `step` others; nil if the curve does not change it.
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

/// Schedules with lengths in epochs, as in recipes.
///
/// Definitions: PaddleClas's `ppcls/optimizer/learning_rate.py` at commit d178931fc.
extension Schedule {
  /// One learning rate (`Constant`).
  ///
  /// - Throws: never; the signature is that of the other schedules.
  package static func constant(
    _ rate: Double, warmUp: WarmUp? = nil, clock: TrainingClock
  ) throws(TrainingError) -> Schedule {
    try Schedule(curve: .constant(rate), warmUp: warmUp, clock: clock)
  }

  /// A learning rate for each of some spans of epochs (`Piecewise` with `decay_epochs` and `values`).
  ///
  /// - Throws: `TrainingError` with `.unsuitableNumber`.
  package static func piecewise(
    decayEpochs: [Int], values: [Double], warmUp: WarmUp? = nil, clock: TrainingClock
  ) throws(TrainingError) -> Schedule {
    let boundaries = decayEpochs.map { clock.time(epochs: Double($0)) }
    return try Schedule(
      curve: .piecewise(boundaries: boundaries, values: values), warmUp: warmUp, clock: clock)
  }

  /// A learning rate that is multiplied by a factor every so many epochs (`Step`).
  ///
  /// - Throws: `TrainingError` with `.unsuitableNumber` if that is less than a step or epoch.
  package static func step(
    _ rate: Double, everyEpochs: Double, factor: Double, warmUp: WarmUp? = nil,
    clock: TrainingClock
  ) throws(TrainingError) -> Schedule {
    // Fractions of a step are truncated here. A training without steps needs no learning rate.
    let every = clock.length > 0 ? clock.time(epochs: everyEpochs, rounded: .towardZero) : 1
    return try Schedule(
      curve: .step(base: rate, every: every, factor: factor), warmUp: warmUp, clock: clock)
  }

  /// Half a cosine that ends with the training (`Cosine`).
  ///
  /// Paddle's takes what the warm-up leaves; timm's (`delaysCurve` false) takes the whole training.
  ///
  /// - Throws: never; the signature is that of the other schedules.
  package static func cosine(
    _ rate: Double, minimum: Double = 0, warmUp: WarmUp? = nil, clock: TrainingClock
  ) throws(TrainingError) -> Schedule {
    let curve = LearningRateCurve.cosine(
      base: rate, minimum: minimum, length: exactRest(warmUp, clock))
    return try Schedule(curve: curve, warmUp: warmUp, clock: clock)
  }

  /// A power of what is left of the training (`Linear`).
  ///
  /// - Throws: never; the signature is that of the other schedules.
  package static func polynomial(
    _ rate: Double, minimum: Double = 0, power: Double = 1, warmUp: WarmUp? = nil,
    clock: TrainingClock
  ) throws(TrainingError) -> Schedule {
    let curve = LearningRateCurve.polynomial(
      base: rate, minimum: minimum, power: power, length: exactRest(warmUp, clock))
    return try Schedule(curve: curve, warmUp: warmUp, clock: clock)
  }

  /// A 1cycle schedule up to a peak that ends with the training, after any warm-up.
  ///
  /// - Returns: the schedule.
  /// - Throws: `TrainingError` with `.unsuitableNumber` if the proportions are out of range.
  package static func oneCycle(
    peak: Double, warmUp: WarmUp? = nil, clock: TrainingClock,
    adjust: (inout OneCycle) -> Void = { _ in }
  ) throws(TrainingError) -> Schedule {
    var cycle = OneCycle(peak: peak, length: rest(warmUp, clock))
    adjust(&cycle)
    return try Schedule(curve: .oneCycle(cycle), warmUp: warmUp, clock: clock)
  }

  /// The length of the training after a warm-up whose length is not rounded, as PaddleClas's `T_max`.
  private static func exactRest(_ warmUp: WarmUp?, _ clock: TrainingClock) -> Double {
    guard let warmUp, warmUp.delaysCurve else { return Double(clock.length) }
    return Double(clock.length)
      - warmUp.epochs * (clock.unit == .step ? Double(clock.stepsPerEpoch) : 1)
  }

  /// The length of the training after the warm-up.
  private static func rest(_ warmUp: WarmUp?, _ clock: TrainingClock) -> Int {
    clock.length - (warmUp.map { $0.delaysCurve ? length(of: $0, clock) : 0 } ?? 0)
  }
}

/// The length of a training and the unit of its schedule.
package struct TrainingClock: Sendable, Equatable {
  /// The moments when the learning rate may change.
  package enum Unit: Sendable, Equatable {
    case step
    /// At the start of each epoch (`by_epoch: True` in PaddleClas).
    case epoch
  }

  package let epochs: Int
  package let stepsPerEpoch: Int
  /// The moments when the learning rate may change.
  package let unit: Unit

  /// Describes a training's length; no epochs or no steps are a training that ends at once.
  package init(epochs: Int, stepsPerEpoch: Int, unit: Unit = .step) {
    precondition(epochs >= 0 && stepsPerEpoch >= 0, "a training can't have a negative length")
    (self.epochs, self.stepsPerEpoch, self.unit) = (epochs, stepsPerEpoch, unit)
  }

  package var length: Int { unit == .step ? epochs * stepsPerEpoch : epochs }

  /// A step's time in the schedule's unit.
  ///
  /// - Returns: steps or epochs done before.
  package func time(atStep step: Int) -> Int { unit == .step ? step : step / max(stepsPerEpoch, 1) }

  /// A number of epochs, not necessarily whole, in the schedule's unit, rounded as PaddleClas does.
  ///
  /// - Returns: steps or epochs, at most 10¹⁵; 0 if `epochs` is negative or NaN.
  package func time(
    epochs: Double, rounded rule: FloatingPointRoundingRule = .toNearestOrEven
  ) -> Int {
    let time = unit == .step ? epochs * Double(stepsPerEpoch) : epochs
    return time > 0 ? Int(min(time, 1e15).rounded(rule)) : 0
  }
}
