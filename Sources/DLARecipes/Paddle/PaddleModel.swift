import DLAModels
import DLATraining

extension Section {
  /// Reads `Arch`: the network, the rows of its classifier and where its weights come from.
  ///
  /// `Global.pretrained_model` is loaded after `Arch.pretrained`, so it is what counts.
  func model(
    _ global: Section, _ recipe: inout TrainingRecipe
  ) throws(RecipeError) -> (Variant, classes: Int, PaddleRecipe.Pretrained) {
    let arch = try required("Arch", Self.archKeys)
    guard let name = try arch.text("name") else { throw arch.missing("name", "a network's name") }
    let variant: Variant
    do throws(UnknownModelError) {
      variant = try Variant.named(name)
    } catch {
      throw arch.error(.unknownName, "name", "Arch.name: \(error.description)")
    }
    recipe.dropout = try arch.number("drop_rate", .belowOne) ?? 0
    let most = 1...1 << 20
    let otherClasses = try global.integer("class_num", most)
    let classes = try arch.integer("class_num", most) ?? otherClasses ?? 1000
    var pretrained = try arch.pretrained("pretrained")
    if let file = try global.text("pretrained_model") { pretrained = .init(file) }
    return (variant, classes, pretrained)
  }

  private func pretrained(_ key: String) throws(RecipeError) -> PaddleRecipe.Pretrained {
    guard let node = node(key) else { return .none }
    guard case .scalar(let scalar) = node.content else {
      throw unsuitable(key, node, "True, False, a path or an address")
    }
    if case .bool(let isPretrained) = scalar.literal { return isPretrained ? .published : .none }
    return try text(key).map { PaddleRecipe.Pretrained($0) } ?? .none
  }

  private static let archKeys: [String: KeyUse] = [
    "name": .read, "class_num": .read, "pretrained": .read, "drop_rate": .read, "with_pool": .on,
    "in_chans": .only(.integer(3)), "use_sync_bn": .noEffect, "use_ml_decoder": .off,
    "use_ssld": .off,
  ]
}

extension PaddleRecipe.Pretrained {
  fileprivate init(_ text: String) {
    self = text.hasPrefix("http://") || text.hasPrefix("https://") ? .address(text) : .file(text)
  }
}

extension Section {
  /// Reads `Loss`: cross entropy with label smoothing; `Loss.Eval` is ignored.
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
