import DLATraining

extension Section {
  /// Reads `batch_transform_ops`: how images of a batch are mixed.
  func mixing() throws(RecipeError) -> TrainingRecipe.Mixing {
    guard let items = try items("batch_transform_ops"), let item = items.first else {
      return .init()
    }
    guard items.count == 1 else {
      throw error(
        .unsupported, "batch_transform_ops",
        "\(path(of: "batch_transform_ops")) has \(items.count) operators; one is supported, and "
          + "OpSampler chooses between two")
    }
    switch item.name {
    case "MixupOperator": return .init(mixup: try item.alpha(default: 1))
    case "CutmixOperator": return .init(cutmix: try item.alpha(default: 0.2))
    case "OpSampler": return try item.sampler()
    default:
      throw item.refusal(
        supported: ["MixupOperator", "CutmixOperator", "OpSampler"],
        known: ["FmixOperator", "MixupCutmixHybrid"])
    }
  }
}

extension NamedItem {
  /// A parameter of the beta distribution that neither overflows nor vanishes.
  private static let alphas = NumberRange.between(1e-3, 1e3)

  fileprivate func alpha(default standard: Double) throws(RecipeError) -> Double {
    try section(["alpha": .read]).number("alpha", Self.alphas) ?? standard
  }

  /// Operators of which each batch gets one or, with the rest of the probability, none.
  fileprivate func sampler() throws(RecipeError) -> TrainingRecipe.Mixing {
    var mixing = TrainingRecipe.Mixing()
    var shares = (mixup: 0.0, cutmix: 0.0)
    for item in try items() {
      let supported = ["MixupOperator", "CutmixOperator"]
      guard supported.contains(item.name) else {
        throw item.refusal(supported: supported, known: ["FmixOperator", "MixupCutmixHybrid"])
      }
      let settings = try item.section(["alpha": .read, "prob": .read])
      let alpha = try settings.number("alpha", Self.alphas)
      let share = try settings.number("prob", .share)
      if share == nil {
        item.note("\(item.path) has no prob, which is a probability of 0, as in PaddleClas")
      }
      if item.name == "MixupOperator" {
        shares.mixup = share ?? 0
        mixing.mixup = alpha ?? 1
      } else {
        shares.cutmix = share ?? 0
        mixing.cutmix = alpha ?? 0.2
      }
    }
    let sum = shares.mixup + shares.cutmix
    guard sum <= 1 + 1e-9 else {
      throw error(
        .unsuitableValue, "the probabilities in \(path) add up to \(sum); at most 1 is expected")
    }
    if shares.mixup == 0 { mixing.mixup = 0 }
    if shares.cutmix == 0 { mixing.cutmix = 0 }
    mixing.probability = min(sum, 1)
    mixing.cutmixFraction = sum > 0 ? shares.cutmix / sum : 0
    return mixing
  }
}
