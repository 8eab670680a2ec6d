import DLAData

extension TrainingRecipe {
  /// Checks every number against its range, so that nothing traps later.
  ///
  /// - Throws: `TrainingError` with `.unsuitableNumber` for the first that is outside.
  public func check() throws(TrainingError) {
    try require(epochs, in: 1...1_000_000, "the number of epochs")
    if let crop { try require(crop, in: 1...Preprocessor.maxSide, "the side of training crops") }
    try require(batchSize, in: 1...1 << 20, "the batch size")
    try require(accumulationSteps, in: 1...1 << 20, "the number of batches for one update")
    try require(learningRate.base, in: 0...1e6, "the learning rate")
    try require(weightDecay, in: 0...1e3, "the weight decay")
    try require(labelSmoothing, in: 0...1, "the label smoothing")
    try require(dropout, in: 0...0.99, "the dropout")
    try require(batchNormMomentum, in: 0...1, "batch norm's momentum")
    // Draws of the beta distribution need parameters that are not next to nothing.
    if mixing.mixup != 0 { try require(mixing.mixup, in: 1e-3...1e3, "mixup's alpha") }
    if mixing.cutmix != 0 { try require(mixing.cutmix, in: 1e-3...1e3, "cutmix's alpha") }
    try require(mixing.probability, in: 0...1, "the share of mixed batches")
    try require(mixing.cutmixFraction, in: 0...1, "cutmix's share")
    do throws(AugmentationError) {
      try augmentation.check()
    } catch {
      throw TrainingError(code: .unsuitableNumber, message: error.message)
    }
    if let average { try require(average.decay, in: 0...1, "the moving average's decay") }
    switch clipping {
    case .norm(let most), .normOfEach(let most), .value(let most):
      try require(most, in: 1e-30...1e30, "the clipping")
    case nil: break
    }
    switch optimizer {
    case .sgd(let momentum, _): try require(momentum, in: 0...1, "the momentum")
    case .adam(let momentum, let squareMomentum, let epsilon),
      .adamW(let momentum, let squareMomentum, let epsilon),
      .rmsProp(let momentum, let squareMomentum, let epsilon):
      try require(momentum, in: 0...0.999_999, "the optimizer's first momentum")
      try require(squareMomentum, in: 0...0.999_999_9, "the optimizer's second momentum")
      try require(epsilon, in: 1e-30...1, "the optimizer's epsilon")
    }
    try checkLearningRate()
    // Many, so that parts of an epoch are some updates: what depends on their true number is checked
    // when it is known.
    _ = try schedule(updatesPerEpoch: 1 << 20)
  }

  private func checkLearningRate() throws(TrainingError) {
    if let warmUp = learningRate.warmUp {
      try require(warmUp.epochs, in: 0...1e6, "the warm-up's epochs")
      try require(warmUp.start, in: 0...1e6, "the warm-up's first learning rate")
    }
    switch learningRate.curve {
    case .constant, .oneCycle: break
    case .cosine(let minimum): try require(minimum, in: 0...1e6, "the lowest learning rate")
    case .polynomial(let minimum, let power):
      try require(minimum, in: 0...1e6, "the lowest learning rate")
      try require(power, in: 0.001...100, "the power of the schedule")
    case .step(let everyEpochs, let factor):
      try require(everyEpochs, in: 1e-6...1e6, "the epochs of a step")
      try require(factor, in: 0...1e3, "the factor of a step")
    case .piecewise(let epochs, let rates):
      for epoch in epochs { try require(epoch, in: 0...1_000_000, "an epoch of the schedule") }
      for rate in rates { try require(rate, in: 0...1e6, "a learning rate of the schedule") }
    }
  }

  private func require<Number: Comparable>(
    _ value: Number, in range: ClosedRange<Number>, _ name: String
  ) throws(TrainingError) {
    // NaN is in no range.
    guard range.contains(value) else {
      throw TrainingError(
        code: .unsuitableNumber,
        message: "\(name) is \(value); it must be from \(range.lowerBound) to \(range.upperBound)")
    }
  }
}
