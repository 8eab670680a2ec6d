import DLAModels
import DLATraining

extension Section {
  /// Reads `Optimizer`: the rule, the weight decay and the learning rate.
  func readOptimizer(_ variant: Variant, _ recipe: inout TrainingRecipe) throws(RecipeError) {
    if let node = node("Optimizer"), case .list = node.content {
      throw error(
        .unsupported, "Optimizer",
        "Optimizer is \(node.shown); one optimizer, a mapping with a name, is supported")
    }
    let optimizer = try required("Optimizer", Self.optimizerKeys)
    let names = ["Momentum", "SGD", "Adam", "AdamW", "RMSProp"]
    guard let name = try optimizer.name("name", supported: names, known: ["AdamWDL"]) else {
      throw optimizer.missing("name", names.joined(separator: ", "))
    }
    recipe.clipping = try optimizer.number("clip_norm", .positive).map { .normOfEach($0) }
    switch name {
    case "Momentum":
      try optimizer.allow(["momentum", "use_nesterov", "regularizer"], for: name)
      guard let momentum = try optimizer.number("momentum", .belowOne) else {
        throw optimizer.missing("momentum", "a number from 0 to below 1")
      }
      let isNesterov = try optimizer.flag("use_nesterov") ?? false
      recipe.optimizer = .sgd(momentum: momentum, isNesterov: isNesterov)
    case "SGD":
      try optimizer.allow(["regularizer"], for: name)
      recipe.optimizer = .sgd(momentum: 0, isNesterov: false)
    case "Adam":
      try optimizer.allow(["beta1", "beta2", "epsilon", "regularizer"], for: name)
      recipe.optimizer = .adam(
        momentum: try optimizer.number("beta1", .belowOne) ?? 0.9,
        squareMomentum: try optimizer.number("beta2", .belowOne) ?? 0.999,
        epsilon: try optimizer.number("epsilon", .positive) ?? 1e-8)
    case "RMSProp":
      try optimizer.allow(["momentum", "rho", "epsilon", "regularizer"], for: name)
      recipe.optimizer = .rmsProp(
        momentum: try optimizer.number("momentum", .belowOne) ?? 0,
        squareMomentum: try optimizer.number("rho", .belowOne) ?? 0.95,
        epsilon: try optimizer.number("epsilon", .positive) ?? 1e-6)
    default:
      try optimizer.allow(["beta1", "beta2", "epsilon"], for: name)
      recipe.optimizer = .adamW(
        momentum: try optimizer.number("beta1", .belowOne) ?? 0.9,
        squareMomentum: try optimizer.number("beta2", .belowOne) ?? 0.999,
        epsilon: try optimizer.number("epsilon", .positive) ?? 1e-8)
      guard optimizer.node("weight_decay") != nil else {
        throw optimizer.missing("weight_decay", "a number of 0 or more")
      }
    }
    recipe.weightDecay = try optimizer.weightDecay()
    recipe.decaying = try optimizer.decaying(variant, isMomentum: name == "Momentum")
    recipe.learningRate = try optimizer.learningRate(epochs: recipe.epochs)
  }

  /// Refuses settings of the other optimizers, which PaddleClas's would not take.
  private func allow(_ keys: [String], for name: String) throws(RecipeError) {
    for key in ["momentum", "use_nesterov", "regularizer", "beta1", "beta2", "epsilon", "rho"]
    where !keys.contains(key) && node(key) != nil {
      throw error(
        .unsuitableValue, key, "\(path(of: key)) is no setting of \(name); remove it")
    }
  }

  /// The decay of a regularizer, or else `weight_decay`.
  private func weightDecay() throws(RecipeError) -> Double {
    let plain = try number("weight_decay", .notNegative)
    guard let regularizer = try section("regularizer", ["name": .read, "coeff": .read]) else {
      return plain ?? 0
    }
    guard try regularizer.name("name", supported: ["L2"], known: ["L1"]) != nil else {
      throw regularizer.missing("name", "L2")
    }
    if plain != nil {
      note("weight_decay", "Optimizer.weight_decay has no effect beside a regularizer")
    }
    return try regularizer.number("coeff", .notNegative) ?? 0
  }

  /// The parameters with weight decay: PaddleClas excludes those whose name contains certain words, and
  /// those of one dimension.
  private func decaying(
    _ variant: Variant, isMomentum: Bool
  ) throws(RecipeError) -> TrainingRecipe.Decay {
    let words = (try text("no_weight_decay_name") ?? "").split(separator: " ").map(String.init)
    var leavesVectorsOut = try flag("one_dim_param_no_weight_decay") ?? false
    if isMomentum, leavesVectorsOut, words.isEmpty {
      leavesVectorsOut = false
      note(
        "one_dim_param_no_weight_decay",
        "all parameters decay: PaddleClas's Momentum looks at one_dim_param_no_weight_decay only "
          + "beside a no_weight_decay_name")
    }
    let parameters = variant.graph(classes: 2).tensors.filter { $0.kind == .parameter }
    let kept = parameters.filter { tensor in
      !(leavesVectorsOut && tensor.shape.count == 1)
        && !words.contains { tensor.name.contains($0) }
    }
    if kept.count == parameters.count { return .all }
    guard kept == parameters.filter({ $0.shape.count > 1 }) else {
      throw error(
        .unsupported, "no_weight_decay_name",
        "\(kept.count) of \(parameters.count) parameters would decay, which is not supported: here "
          + "all do, or all but norms and biases; set one_dim_param_no_weight_decay to True, with "
          + "words in no_weight_decay_name that name norms and biases alone")
    }
    return .weights
  }

  private static let optimizerKeys: [String: KeyUse] = [
    "name": .read, "lr": .read, "regularizer": .read, "weight_decay": .read, "clip_norm": .read,
    "momentum": .read, "use_nesterov": .read, "beta1": .read, "beta2": .read, "epsilon": .read,
    "no_weight_decay_name": .read, "one_dim_param_no_weight_decay": .read,
    // PaddleClas's AdamW accepts clip_grad and ignores it.
    "rho": .read, "multi_precision": .noEffect, "clip_grad": .noEffect,
  ]
}
