import DLACheckpoints
import DLACore
import DeepLayerAggregation

/// Which network is trained, and what it begins with.
struct StartingWeights {
  let variant: Variant
  /// Nil for random ones.
  let weights: (any WeightSource)?
  /// What was made of a file, for people; nil if there is nothing to say.
  let note: String?
  /// Tells files of weights apart.
  let identity: String

  /// Opens the weights that the options name.
  ///
  /// - Throws: `CheckpointError` if they are not those of the network.
  init(_ arguments: Arguments, _ file: PaddleRecipe?, classes: Int) throws {
    let name = arguments["--model"] ?? file?.variant.name
    guard let path = try arguments["--weights"] ?? file.flatMap(Self.path) else {
      guard !arguments.has("--new-head") else {
        throw UsageError("--new-head needs --weights FILE")
      }
      variant = try Variant.named(name ?? "dla34")
      weights = nil
      note = nil
      identity = "none"
      return
    }
    let file = try CheckpointFile(path: path)
    let found = try CheckpointModel(of: file, model: name, ignoringHead: true)
    variant = found.variant
    identity = "\(file.contentHash() ?? 0)"
    let isNew = arguments.has("--new-head") || found.classes != classes
    let tensors = variant.graph(classes: classes, inputChannels: found.inputChannels).tensors
    guard found.inputChannels == 3 else {
      throw InputError(
        "\(file.name): it expects images of \(found.inputChannels) channels, photographs have 3")
    }
    let own = try CheckpointWeights(
      file: file, tensors: tensors.filter { !isNew || !NewHead.makes($0) },
      ignoring: isNew ? NewHead.makes : { _ in false })
    guard isNew else {
      weights = own
      note = nil
      return
    }
    weights = NewHead(
      model: variant.name, inputs: variant.channels[variant.channels.count - 1], beside: own)
    note =
      found.classes == classes
      ? "the classifier is made anew"
      : "the weights tell \(grouped(found.classes)) classes apart, the data \(grouped(classes)): the "
        + "classifier is made anew"
  }

  /// The file that a recipe begins with; nil for none.
  private static func path(_ recipe: PaddleRecipe) throws -> String? {
    switch recipe.pretrained {
    case .none: return nil
    case .file(let path):
      // PaddleClas adds the ending itself.
      return Folder.kind(of: path) == .file ? path : path + ".pdparams"
    case .published:
      guard let path = WeightsOptions.fetchedFile(recipe.variant) else {
        throw InputError(
          "the recipe begins with published weights: dla pull \(recipe.variant.name) fetches them, "
            + "or name others with --weights FILE")
      }
      return path
    case .address(let address):
      throw InputError(
        "the recipe begins with \(printable(address)): fetch it with dla pull --from, and name the "
          + "file with --weights")
    }
  }
}
