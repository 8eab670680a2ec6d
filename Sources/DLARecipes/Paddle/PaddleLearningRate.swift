import DLASystem
import DLATraining

extension Section {
  /// Reads `Optimizer.lr`, as `ppcls/optimizer/learning_rate.py` does.
  ///
  /// PaddleClas's curves take any keyword and ignore those of other curves, so that `-o` may choose
  /// another curve; here too, and the notes name them.
  func learningRate(epochs: Int) throws(RecipeError) -> LearningRateRecipe {
    let lr = try required("lr", Self.rateKeys)
    guard let name = try lr.name("name", supported: Self.curves, known: Self.otherCurves) else {
      lr.noteOthers([])
      return LearningRateRecipe(base: try lr.firstRate(), curve: .constant)
    }
    var recipe = LearningRateRecipe(curve: .constant)
    switch name {
    case "Constant", "ConstLR":
      lr.noteOthers([])
      recipe.base = try lr.firstRate()
    case "Cosine":
      lr.noteOthers(["eta_min"])
      recipe.base = try lr.firstRate()
      recipe.curve = .cosine(minimum: try lr.number("eta_min", .notNegative) ?? 0)
    case "Linear":
      lr.noteOthers(["end_lr", "power"])
      recipe.base = try lr.firstRate()
      recipe.curve = .polynomial(
        minimum: try lr.number("end_lr", .notNegative) ?? 0,
        power: try lr.number("power", .between(0.001, 100)) ?? 1)
    case "Step":
      lr.noteOthers(["step_size", "gamma"])
      recipe.base = try lr.firstRate()
      recipe.curve = try lr.step()
    case "MultiStepDecay":
      lr.noteOthers(["milestones", "gamma"])
      try lr.readMilestones(&recipe)
    default:
      lr.noteOthers(["decay_epochs", "values"])
      try lr.readPieces(&recipe)
    }
    // Paddle's constant is a scheduler of its own that knows neither.
    guard name != "Constant" else {
      if lr.node("warmup_epoch") != nil {
        lr.note("warmup_epoch", "Constant has no warm-up, as in PaddleClas; ConstLR has one")
      }
      return recipe
    }
    recipe.changesByEpoch = try lr.flag("by_epoch") ?? false
    recipe.warmUp = try lr.warmUp(epochs: epochs)
    return recipe
  }

  private func firstRate() throws(RecipeError) -> Double {
    guard let rate = try number("learning_rate", .positive) else {
      throw missing("learning_rate", "a number above 0")
    }
    return rate
  }

  private func step() throws(RecipeError) -> LearningRateRecipe.Curve {
    guard let size = try number("step_size", .between(0.001, 100_000)) else {
      throw missing("step_size", "a number of epochs")
    }
    return .step(everyEpochs: size, factor: try factor() ?? 0.1)
  }

  private func factor() throws(RecipeError) -> Double? { try number("gamma", .belowOne) }

  private func readMilestones(_ recipe: inout LearningRateRecipe) throws(RecipeError) {
    let first = try firstRate()
    let epochs = try ascending("milestones")
    let factor = try factor() ?? 0.1
    let rates = (0...epochs.count).map { first * Platform.power(factor, Double($0)) }
    recipe.base = first
    recipe.curve = .piecewise(epochs: epochs, rates: rates)
  }

  /// A `learning_rate` makes PaddleClas replace both lists by a tenth every 30 epochs.
  private func readPieces(_ recipe: inout LearningRateRecipe) throws(RecipeError) {
    if let rate = try number("learning_rate", .notNegative), rate > 0 {
      recipe.base = rate
      recipe.curve = .step(everyEpochs: 30, factor: 0.1)
      if node("decay_epochs") != nil || node("values") != nil {
        note(
          "learning_rate",
          "with a learning_rate, Piecewise is a tenth of it every 30 epochs and decay_epochs and "
            + "values have no effect, as in PaddleClas; remove it and they have")
      }
      return
    }
    let epochs = try ascending("decay_epochs")
    guard let rates = try numbers("values", .positive, count: epochs.count + 1) else {
      throw missing("values", "a list of numbers above 0")
    }
    recipe.base = rates[0]
    recipe.curve = .piecewise(epochs: epochs, rates: rates)
  }

  private func ascending(_ key: String) throws(RecipeError) -> [Int] {
    guard let node = node(key), let epochs = try integers(key, 0...100_000) else {
      throw missing(key, "a list of epochs")
    }
    guard zip(epochs, epochs.dropFirst()).allSatisfy(<) else {
      throw unsuitable(key, node, "each epoch after the one before it")
    }
    return epochs
  }

  private func warmUp(epochs: Int) throws(RecipeError) -> LearningRateRecipe.WarmUp? {
    let length = try number("warmup_epoch", .notNegative) ?? 0
    let start = try number("warmup_start_lr", .notNegative) ?? 0
    guard length > 0 else { return nil }
    if length >= Double(epochs) {
      note("warmup_epoch", "the warm-up takes the whole training of \(epochs) epochs")
    }
    return .init(epochs: min(length, Double(epochs)), start: start)
  }

  /// Notes settings of other curves than the one that is used.
  private func noteOthers(_ keys: [String]) {
    let others = [
      "eta_min", "step_size", "gamma", "milestones", "decay_epochs", "values", "end_lr", "power",
    ]
    for key in others where !keys.contains(key) && node(key) != nil {
      reader.noteIdle(path(of: key))
    }
  }

  private static let curves = [
    "Constant", "ConstLR", "Piecewise", "Cosine", "Linear", "Step", "MultiStepDecay",
  ]
  private static let otherCurves = [
    "Cyclic", "ReduceOnPlateau", "CosineFixmatch", "OneCycleLR",
  ]
  private static let rateKeys: [String: KeyUse] = [
    "name": .read, "learning_rate": .read, "eta_min": .read, "step_size": .read, "gamma": .read,
    "milestones": .read, "decay_epochs": .read, "values": .read, "warmup_epoch": .read,
    "warmup_start_lr": .read, "by_epoch": .read, "last_epoch": .only(.integer(-1)),
    "verbose": .noEffect, "end_lr": .read, "power": .read, "cycle": .only(.bool(false)),
    "step_each_epoch": .noEffect, "epochs": .noEffect,
  ]
}
