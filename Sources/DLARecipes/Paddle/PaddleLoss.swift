import DLATraining

extension Section {
  /// Reads `Loss`: cross entropy with label smoothing; what `Loss.Eval` says is not needed.
  func readLoss(_ recipe: inout TrainingRecipe) throws(RecipeError) {
    let loss = try required("Loss", ["Train": .read, "Eval": .read])
    guard let smoothing = try loss.smoothing("Train") else {
      throw loss.missing("Train", "a list with CELoss")
    }
    recipe.labelSmoothing = smoothing
    if smoothing == 0, recipe.mixing.mixup > 0 || recipe.mixing.cutmix > 0 {
      loss.note(
        "Train",
        "mixed targets are what the loss compares with; PaddleClas passes them through a "
          + "softmax before, unless CELoss has an epsilon above 0")
    }
    _ = try loss.smoothing("Eval")
  }

  /// The smoothing of a list of losses that is cross entropy alone; nil if it is missing or null.
  private func smoothing(_ key: String) throws(RecipeError) -> Double? {
    guard let items = try items(key) else { return nil }
    guard let item = items.first, items.count == 1 else {
      throw error(
        .unsupported, key, "\(path(of: key)) has \(items.count) losses; one, CELoss, is supported")
    }
    // MixCELoss was CELoss for mixed targets, before that took them too.
    guard ["CELoss", "MixCELoss"].contains(item.name) else {
      throw item.refusal(supported: ["CELoss"], known: Self.otherLosses)
    }
    let settings = try item.section(
      ["weight": .read, "epsilon": .read, "reduction": .onlyText("mean")])
    if let weight = try settings.number("weight", .positive), weight != 1 {
      settings.note("weight", "the weight of a single loss has no effect, as in PaddleClas")
    }
    return try settings.number("epsilon", .belowOne) ?? 0
  }

  private static let otherLosses = [
    "SoftTargetCrossEntropy", "MultiLabelLoss", "GoogLeNetLoss", "KLDivLoss", "TripletLoss",
    "CenterLoss", "DistillationCELoss", "DistillationKLDivLoss", "DistillationDMLLoss",
  ]
}
