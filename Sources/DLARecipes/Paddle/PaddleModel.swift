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

  /// True, False, an address or a path.
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
