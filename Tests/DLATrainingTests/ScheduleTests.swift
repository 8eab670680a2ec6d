import DLATraining
import Testing

/// Rates of every step against PyTorch's and timm's, and PaddleClas's definitions.
struct ScheduleTests {
  @Test(arguments: 0..<5) func oneCycleIsThatOfPyTorch(index: Int) throws {
    let recorded = try Recorded.read().oneCycle[index]
    let schedule = try Schedule.oneCycle(peak: 0.4, clock: steps(recorded.length)) {
      $0.risingFraction = recorded.risingFraction
      $0.startDivisor = recorded.startDivisor
      $0.endDivisor = recorded.endDivisor
      $0.annealing = recorded.isLinear ? .linear : .cosine
      $0.cycledMomentum = recorded.momenta.map { _ in OneCycle.Momentum() }
    }
    let rates = (0..<recorded.length).map(schedule.learningRate)
    #expect(relativeDifference(rates, recorded.rates) < 1e-9)
    let momenta = (0..<recorded.length).compactMap(schedule.momentum)
    if let expected = recorded.momenta {
      #expect(relativeDifference(momenta, expected) < 1e-9)
    } else {
      #expect(momenta.isEmpty)
    }
    #expect(schedule.learningRate(atStep: recorded.length + 5) == rates.last)
  }

  @Test func cosineIsThatOfPyTorch() throws {
    let schedule = try Schedule.cosine(0.4, minimum: 0.01, clock: steps(30))
    let recorded = try Recorded.read().cosine
    #expect(relativeDifference((0...30).map(schedule.learningRate), recorded) < 1e-9)
    #expect(schedule.learningRate(atStep: 31) == 0.01)
  }

  @Test func cosineBehindAWarmUpIsThatOfTimm() throws {
    let warmUp = Schedule.WarmUp(epochs: 5, start: 1e-3, delaysCurve: false)
    let clock = TrainingClock(epochs: 24, stepsPerEpoch: 9, unit: .epoch)
    let schedule = try Schedule.cosine(0.4, minimum: 0.01, warmUp: warmUp, clock: clock)
    let rates = (0..<30).map { schedule.learningRate(atStep: 9 * $0) }
    #expect(relativeDifference(rates, try Recorded.read().timmCosine) < 1e-9)
    #expect(schedule.learningRate(atStep: 9 * 7 + 8) == rates[7])
  }

  /// PaddleClas rounds the steps of the warm-up, but not the length of the cosine behind it.
  @Test func aWarmUpOfHalfAnEpochLeavesTheRestOfTheCosine() throws {
    let cosine = try Schedule.cosine(
      0.05, warmUp: .init(epochs: 0.5, start: 0), clock: TrainingClock(epochs: 6, stepsPerEpoch: 3))
    #expect(abs(cosine.learningRate(atStep: 17) - 0.00101) < 5e-6)
  }

  /// `lr.PolynomialDecay` of Paddle: (base − end) · (1 − t / T)^power + end, and end from then on.
  @Test func polynomialsFallAsPaddles() throws {
    let clock = TrainingClock(epochs: 10, stepsPerEpoch: 4)
    let square = try Schedule.polynomial(0.1, minimum: 0.01, power: 2, clock: clock)
    let line = try Schedule.polynomial(0.1, warmUp: .init(epochs: 2, start: 0.02), clock: clock)
    for (schedule, step, rate) in [
      (square, 0, 0.1), (square, 20, 0.0325), (square, 40, 0.01), (square, 50, 0.01),
      (line, 4, 0.06), (line, 8, 0.1), (line, 24, 0.05),
    ] {
      #expect(abs(schedule.learningRate(atStep: step) - rate) < 1e-12, "\(step)")
    }
  }

  @Test func stepIsThatOfPyTorch() throws {
    let schedule = try Schedule.step(0.4, everyEpochs: 7, factor: 0.3, clock: steps(30))
    let recorded = try Recorded.read().step
    #expect(relativeDifference((0..<30).map(schedule.learningRate), recorded) < 1e-9)
  }

  /// The recipe of DLA34 in PaddleClas names a rate, so its lists do not count.
  @Test func piecewiseChangesAtItsEpochs() throws {
    let clock = TrainingClock(epochs: 120, stepsPerEpoch: 10)
    let values = [0.1, 0.01, 0.001, 0.0001]
    let lists = try Schedule.piecewise(decayEpochs: [30, 60, 90], values: values, clock: clock)
    let thirds = try Schedule.step(0.1, everyEpochs: 30, factor: 0.1, clock: clock)
    for schedule in [lists, thirds] {
      for (step, value) in [(0, 0), (299, 0), (300, 1), (599, 1), (600, 2), (1199, 3)] {
        #expect(abs(schedule.learningRate(atStep: step) / values[value] - 1) < 1e-12, "\(step)")
      }
    }
  }

  /// Paddle steps the curve by what the warm-up leaves, and its cosine is as much shorter.
  @Test(arguments: [TrainingClock.Unit.step, .epoch])
  func warmUpDelaysTheCurveAsInPaddle(unit: TrainingClock.Unit) throws {
    let clock = TrainingClock(epochs: 10, stepsPerEpoch: 4, unit: unit)
    let warmUp = Schedule.WarmUp(epochs: 2, start: 0.02)
    let cosine = try Schedule.cosine(0.1, warmUp: warmUp, clock: clock)
    let piecewise = try Schedule.piecewise(
      decayEpochs: [3], values: [0.1, 0.01], warmUp: warmUp, clock: clock)
    let epoch = 4
    #expect(cosine.learningRate(atStep: 0) == 0.02)
    #expect(abs(cosine.learningRate(atStep: epoch) - 0.06) < 1e-15)
    #expect(cosine.learningRate(atStep: 2 * epoch) == 0.1)
    #expect(abs(cosine.learningRate(atStep: 6 * epoch) - 0.05) < 1e-15)
    #expect(abs(cosine.learningRate(atStep: 10 * epoch)) < 1e-15)
    #expect(piecewise.learningRate(atStep: 5 * epoch - 1) == 0.1)
    #expect(piecewise.learningRate(atStep: 5 * epoch) == 0.01)
    let isByStep = unit == .step
    #expect(abs(cosine.learningRate(atStep: 1) - (isByStep ? 0.03 : 0.02)) < 1e-15)
  }

  @Test func halvesOfAWarmUpAreRoundedToEven() throws {
    let clock = TrainingClock(epochs: 3, stepsPerEpoch: 5)
    for (epochs, length) in [(0.1, 0), (0.3, 2), (0.5, 2), (9, 15), (.nan, 0), (-1, 0)] {
      let warmUp = Schedule.WarmUp(epochs: epochs)
      let schedule = try Schedule.constant(1, warmUp: warmUp, clock: clock)
      #expect((0..<20).count { schedule.learningRate(atStep: $0) < 1 } == length, "\(epochs)")
    }
  }

  @Test func numbersThatContradictEachOtherAreErrors() {
    let clock = TrainingClock(epochs: 3, stepsPerEpoch: 5)
    let wrong: [() throws -> Schedule] = [
      { try .piecewise(decayEpochs: [1, 2], values: [1, 2], clock: clock) },
      { try .piecewise(decayEpochs: [2, 1], values: [1, 2, 3], clock: clock) },
      { try .step(1, everyEpochs: 0.1, factor: 1, clock: clock) },
      { try .step(1, everyEpochs: .nan, factor: 1, clock: clock) },
      { try .oneCycle(peak: 1, clock: clock) { $0.risingFraction = 1.5 } },
      { try .oneCycle(peak: 1, clock: clock) { $0.startDivisor = 0 } },
    ]
    for (index, make) in wrong.enumerated() {
      let error = #expect(throws: TrainingError.self, "\(index)") { try make() }
      #expect(error?.code == .unsuitableNumber)
    }
  }

  @Test(arguments: [TrainingClock.Unit.step, .epoch])
  func aTrainingWithoutStepsHasSchedules(unit: TrainingClock.Unit) throws {
    for clock in [
      TrainingClock(epochs: 0, stepsPerEpoch: 5, unit: unit),
      TrainingClock(epochs: 5, stepsPerEpoch: 0, unit: unit),
    ] {
      let warmUp = Schedule.WarmUp(epochs: 1)
      let schedules: [Schedule] = [
        try .constant(1, warmUp: warmUp, clock: clock),
        try .piecewise(decayEpochs: [1, 2], values: [1, 2, 3], warmUp: warmUp, clock: clock),
        try .step(1, everyEpochs: 1, factor: 0.1, warmUp: warmUp, clock: clock),
        try .cosine(1, warmUp: warmUp, clock: clock), try .oneCycle(peak: 1, clock: clock),
      ]
      for schedule in schedules { #expect(schedule.learningRate(atStep: 0).isFinite) }
    }
  }

  private func steps(_ count: Int) -> TrainingClock {
    TrainingClock(epochs: count, stepsPerEpoch: 1)
  }
}
