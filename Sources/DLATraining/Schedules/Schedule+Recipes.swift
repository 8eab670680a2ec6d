/// Schedules whose lengths are given in epochs, as recipes give them.
///
/// Definitions: PaddleClas's `ppcls/optimizer/learning_rate.py` at commit d178931fc.
extension Schedule {
  /// One rate (`Constant`).
  ///
  /// - Throws: nothing so far; as the others for the caller's sake.
  package static func constant(
    _ rate: Double, warmUp: WarmUp? = nil, clock: TrainingClock
  ) throws(TrainingError) -> Schedule {
    try Schedule(curve: .constant(rate), warmUp: warmUp, clock: clock)
  }

  /// A rate for each of some spans of epochs (`Piecewise` with `decay_epochs` and `values`).
  ///
  /// - Throws: `TrainingError` with `.unsuitableNumber`.
  package static func piecewise(
    decayEpochs: [Int], values: [Double], warmUp: WarmUp? = nil, clock: TrainingClock
  ) throws(TrainingError) -> Schedule {
    let boundaries = decayEpochs.map { clock.time(epochs: Double($0)) }
    return try Schedule(
      curve: .piecewise(boundaries: boundaries, values: values), warmUp: warmUp, clock: clock)
  }

  /// A rate that is multiplied by a factor every so many epochs (`Step`).
  ///
  /// - Throws: `TrainingError` with `.unsuitableNumber` if that is less than a step or epoch.
  package static func step(
    _ rate: Double, everyEpochs: Double, factor: Double, warmUp: WarmUp? = nil,
    clock: TrainingClock
  ) throws(TrainingError) -> Schedule {
    // Parts of a step are cut off here. A training without steps asks for no rate.
    let every = clock.length > 0 ? clock.time(epochs: everyEpochs, rounded: .towardZero) : 1
    return try Schedule(
      curve: .step(base: rate, every: every, factor: factor), warmUp: warmUp, clock: clock)
  }

  /// Half a cosine that ends with the training (`Cosine`).
  ///
  /// Paddle's takes what the warm-up leaves; timm's (`delaysCurve` false) takes the whole training.
  ///
  /// - Throws: nothing so far; as the others for the caller's sake.
  package static func cosine(
    _ rate: Double, minimum: Double = 0, warmUp: WarmUp? = nil, clock: TrainingClock
  ) throws(TrainingError) -> Schedule {
    let curve = RateCurve.cosine(base: rate, minimum: minimum, length: rest(warmUp, clock))
    return try Schedule(curve: curve, warmUp: warmUp, clock: clock)
  }

  /// Up and down once, ending with the training; any warm-up comes before.
  ///
  /// - Parameters:
  ///   - peak: the highest rate.
  ///   - warmUp: what comes first.
  ///   - clock: the training's length.
  ///   - adjust: sets the cycle's other proportions.
  /// - Returns: the schedule.
  /// - Throws: `TrainingError` with `.unsuitableNumber` if the proportions make no sense.
  package static func oneCycle(
    peak: Double, warmUp: WarmUp? = nil, clock: TrainingClock,
    adjust: (inout OneCycle) -> Void = { _ in }
  ) throws(TrainingError) -> Schedule {
    var cycle = OneCycle(peak: peak, length: rest(warmUp, clock))
    adjust(&cycle)
    return try Schedule(curve: .oneCycle(cycle), warmUp: warmUp, clock: clock)
  }

  /// What a warm-up leaves of the training.
  private static func rest(_ warmUp: WarmUp?, _ clock: TrainingClock) -> Int {
    clock.length - (warmUp.map { $0.delaysCurve ? length(of: $0, clock) : 0 } ?? 0)
  }
}
