import DLASystem
import DLATensor

/// What a recipe's values stand for.
extension TrainingRecipe {
  /// The learning rate of every update.
  ///
  /// - Parameter updatesPerEpoch: updates of an epoch.
  /// - Returns: the schedule.
  /// - Throws: `TrainingError` with `.unsuitableNumber`.
  package func schedule(updatesPerEpoch: Int) throws(TrainingError) -> Schedule {
    let clock = TrainingClock(
      epochs: epochs, stepsPerEpoch: updatesPerEpoch, unit: rate.changesByEpoch ? .epoch : .step)
    let warmUp = rate.warmUp
    switch rate.curve {
    case .constant: return try .constant(rate.rate, warmUp: warmUp, clock: clock)
    case .piecewise(let epochs, let rates):
      return try .piecewise(decayEpochs: epochs, values: rates, warmUp: warmUp, clock: clock)
    case .step(let everyEpochs, let factor):
      return try .step(
        rate.rate, everyEpochs: everyEpochs, factor: factor, warmUp: warmUp, clock: clock)
    case .cosine(let minimum):
      return try .cosine(rate.rate, minimum: minimum, warmUp: warmUp, clock: clock)
    case .oneCycle(let risingShare, let startDivisor, let endDivisor):
      return try .oneCycle(peak: rate.rate, warmUp: warmUp, clock: clock) {
        $0.risingShare = risingShare
        $0.startDivisor = startDivisor
        $0.endDivisor = endDivisor
      }
    }
  }

  /// Which parameters learn, and how each decays.
  var policy: ParameterPolicy {
    ParameterPolicy(
      decay: weightDecay, decaying: decaying == .all ? .all : .withoutNormsAndBiases,
      rateFactors: rateFactors, frozen: frozen)
  }

  func makeOptimizer(
    groups: [ParameterGroup], count: Int, threads: ThreadPool
  ) -> any DLATraining.Optimizer {
    switch optimizer {
    case .sgd(let momentum, let isNesterov):
      SGD(
        groups: groups, count: count, momentum: momentum, isNesterov: isNesterov, threads: threads)
    case .adamW(let momentum, let squareMomentum, let epsilon):
      AdamW(
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

  /// How a batch is mixed.
  ///
  /// - Parameters:
  ///   - images: images of the batch.
  ///   - side: of an image, in pixels.
  ///   - random: the batch's own stream.
  /// - Returns: the mix; nil if the batch stays as it is.
  package func mix(images: Int, side: Int, random: inout KeyedRandom) -> BatchMix? {
    guard mixing.mixup > 0 || mixing.cutmix > 0, random.nextFraction() < mixing.probability else {
      return nil
    }
    let cuts = mixing.mixup <= 0 || mixing.cutmix > 0 && random.nextFraction() < mixing.cutmixShare
    return cuts
      ? .cutmix(images: images, height: side, width: side, alpha: mixing.cutmix, random: &random)
      : .mixup(images: images, alpha: mixing.mixup, random: &random)
  }
}
