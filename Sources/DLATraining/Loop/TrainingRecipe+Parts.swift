import DLASystem
import DLATensor

extension TrainingRecipe {
  /// The learning rate of every update.
  ///
  /// - Throws: `TrainingError` with `.unsuitableNumber`.
  package func schedule(updatesPerEpoch: Int) throws(TrainingError) -> Schedule {
    let clock = TrainingClock(
      epochs: epochs, stepsPerEpoch: updatesPerEpoch,
      unit: learningRate.changesByEpoch ? .epoch : .step)
    let warmUp = learningRate.warmUp
    switch learningRate.curve {
    case .constant: return try .constant(learningRate.base, warmUp: warmUp, clock: clock)
    case .piecewise(let epochs, let rates):
      return try .piecewise(decayEpochs: epochs, values: rates, warmUp: warmUp, clock: clock)
    case .step(let everyEpochs, let factor):
      return try .step(
        learningRate.base, everyEpochs: everyEpochs, factor: factor, warmUp: warmUp, clock: clock)
    case .polynomial(let minimum, let power):
      return try .polynomial(
        learningRate.base, minimum: minimum, power: power, warmUp: warmUp, clock: clock)
    case .cosine(let minimum):
      return try .cosine(learningRate.base, minimum: minimum, warmUp: warmUp, clock: clock)
    case .oneCycle(let risingFraction, let startDivisor, let endDivisor):
      return try .oneCycle(peak: learningRate.base, warmUp: warmUp, clock: clock) {
        $0.risingFraction = risingFraction
        $0.startDivisor = startDivisor
        $0.endDivisor = endDivisor
      }
    }
  }

  /// Weight decay and learning rate by parameter.
  var policy: ParameterPolicy {
    ParameterPolicy(
      decay: weightDecay, decaying: decaying,
      learningRateScales: learningRateScales, frozen: frozen)
  }

  func makeOptimizer(
    groups: [ParameterGroup], count: Int, threads: ThreadPool
  ) -> any DLATraining.Optimizer {
    switch optimizer {
    case .sgd(let momentum, let isNesterov):
      SGD(
        groups: groups, count: count, momentum: momentum, isNesterov: isNesterov, threads: threads)
    case .adam(let momentum, let squareMomentum, let epsilon):
      Adam(
        groups: groups, count: count, isDecoupled: false, momentum: momentum,
        squareMomentum: squareMomentum, epsilon: epsilon, threads: threads)
    case .adamW(let momentum, let squareMomentum, let epsilon):
      Adam(
        groups: groups, count: count, isDecoupled: true, momentum: momentum,
        squareMomentum: squareMomentum, epsilon: epsilon, threads: threads)
    case .rmsProp(let momentum, let squareMomentum, let epsilon):
      RMSProp(
        groups: groups, count: count, momentum: momentum, squareMomentum: squareMomentum,
        epsilon: epsilon, threads: threads)
    }
  }

  func makeAverage(count: Int, threads: ThreadPool) -> WeightAverage? {
    average.map {
      WeightAverage(
        count: count, decay: $0.decay, warmUp: $0.warmsUp ? WeightAverage.WarmUp() : nil,
        threads: threads)
    }
  }

  /// Draws the mix of a batch of images of `side` pixels.
  ///
  /// - Returns: the mix; nil if the batch stays as it is.
  package func mix(images: Int, side: Int, random: inout KeyedRandom) -> BatchMix? {
    guard mixing.mixup > 0 || mixing.cutmix > 0, random.nextFraction() < mixing.probability else {
      return nil
    }
    let cuts =
      mixing.mixup <= 0 || mixing.cutmix > 0 && random.nextFraction() < mixing.cutmixFraction
    return cuts
      ? .cutmix(images: images, height: side, width: side, alpha: mixing.cutmix, random: &random)
      : .mixup(images: images, alpha: mixing.mixup, random: &random)
  }
}
