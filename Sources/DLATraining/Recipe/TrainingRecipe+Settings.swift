import DLAData

extension TrainingRecipe {
  /// A name and its value, for display.
  public typealias Setting = (name: String, value: String)

  /// All settings in display order; recipes with equal settings are equal.
  public var settings: [Setting] {
    [
      ("epochs", "\(epochs)"), ("batch size", "\(batchSize)"),
      ("gradient accumulation steps", "\(accumulationSteps)"),
      ("last partial batch", dropsLast ? "dropped" : "kept"),
      ("optimizer", optimizer.words),
      ("learning rate", "\(learningRate.base), \(learningRate.curve.words)"),
      ("learning rate changes", learningRate.changesByEpoch ? "per epoch" : "per update"),
      ("warm-up", learningRate.warmUp.map(\.words) ?? "none"),
      ("weight decay", "\(weightDecay) on \(decaying == .all ? "all parameters" : "weights")"),
      ("clipping", clipping.map(\.words) ?? "none"),
      (
        "moving average",
        average.map { "\($0.decay)\($0.warmsUp ? " with warm-up" : "")" } ?? "none"
      ),
      ("label smoothing", "\(labelSmoothing)"),
      ("class weights", classWeights?.words ?? "none"), ("mixing", mixing.words),
      ("dropout", "\(dropout)"), ("batch norm momentum", "\(batchNormMomentum)"),
      ("frozen parts", frozen.isEmpty ? "none" : frozen.joined(separator: ", ")),
      (
        "learning rates by part",
        learningRateScales.isEmpty
          ? "none"
          : learningRateScales.sorted { $0.key < $1.key }.map { "\($0.key) ×\($0.value)" }
            .joined(separator: ", ")
      ),
      ("training crop", crop.map { "\($0) pixels" } ?? "as in evaluation"),
      ("random crop", augmentation.crop.words), ("horizontal flip", "\(augmentation.flip)"),
      ("policy", augmentation.policy?.words ?? "none"),
      ("color jitter", augmentation.jitter.map(Self.fields) ?? "none"),
      ("erasing", augmentation.erasing.map(Self.fields) ?? "none"), ("seed", "\(seed)"),
    ]
  }

  /// The stored properties of a value.
  fileprivate static func fields(_ value: some Any) -> String {
    Mirror(reflecting: value).children.map { "\($0.label ?? "") \($0.value)" }
      .joined(separator: ", ")
  }
}

extension TrainingRecipe.Optimizer {
  fileprivate var words: String {
    switch self {
    case .sgd(let momentum, let isNesterov):
      "SGD, \(isNesterov ? "Nesterov's " : "")momentum \(momentum)"
    case .adam(let momentum, let squareMomentum, let epsilon):
      "Adam, betas \(momentum) and \(squareMomentum), epsilon \(epsilon)"
    case .rmsProp(let momentum, let squareMomentum, let epsilon):
      "RMSProp, momentum \(momentum), rho \(squareMomentum), epsilon \(epsilon)"
    case .adamW(let momentum, let squareMomentum, let epsilon):
      "AdamW, betas \(momentum) and \(squareMomentum), epsilon \(epsilon)"
    }
  }
}

extension LearningRateRecipe.Curve {
  fileprivate var words: String {
    switch self {
    case .constant: "constant"
    case .piecewise(let epochs, let rates): "piecewise \(rates) at epochs \(epochs)"
    case .step(let everyEpochs, let factor): "times \(factor) every \(everyEpochs) epochs"
    case .cosine(let minimum): "cosine to \(minimum)"
    case .polynomial(let minimum, let power): "polynomial of power \(power) to \(minimum)"
    case .oneCycle(let risingFraction, let startDivisor, let endDivisor):
      "one cycle, \(risingFraction) rising, divisors \(startDivisor) and \(endDivisor)"
    }
  }
}

extension LearningRateRecipe.WarmUp {
  fileprivate var words: String {
    "\(epochs) epochs from \(start)\(delaysCurve ? "" : ", overlapping the curve")"
  }
}

extension TrainingRecipe.Clipping {
  fileprivate var words: String {
    switch self {
    case .norm(let most): "norm \(most)"
    case .normOfEach(let most): "norm \(most) of each tensor"
    case .value(let most): "value \(most)"
    }
  }
}

extension TrainingRecipe.Mixing {
  fileprivate var words: String {
    guard mixup > 0 || cutmix > 0 else { return "none" }
    return
      "mixup \(mixup), cutmix \(cutmix), \(probability) of batches, cutmix fraction \(cutmixFraction)"
  }
}

extension Augmentation.Crop {
  fileprivate var words: String {
    switch self {
    case .centre: "center"
    case .padded(let border): "padded by \(border) pixels"
    case .resized(let crop):
      "resized, area \(crop.minimumArea) to \(crop.maximumArea), ratio \(crop.minimumRatio) to "
        + "\(crop.maximumRatio)"
        + (crop.usesLogarithm.map { $0 ? " log-uniform" : " uniform" } ?? "")
        + crop.resamplings.map { ", \($0)" }.joined()
    }
  }
}

extension AugmentationPolicy {
  fileprivate var words: String {
    switch self {
    case .randAugment(let policy): "RandAugment, \(TrainingRecipe.fields(policy))"
    case .timm(let policy): "timm's rand, \(TrainingRecipe.fields(policy))"
    case .autoAugment: "AutoAugment of ImageNet"
    }
  }
}

extension ClassWeights {
  fileprivate var words: String {
    switch self {
    case .balanced: "balanced"
    case .values(let values): values.map { "\($0)" }.joined(separator: ", ")
    }
  }
}
