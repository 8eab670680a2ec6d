import DLACheckpoints
import DLARecipes
import DLASystem
import DLATensor
import DLAText
import DeepLayerAggregation

/// Which network is trained, and what it begins with.
struct StartingWeights {
  let variant: Variant
  /// Nil for random ones.
  let weights: (any WeightSource)?
  /// Where they are from, for people.
  let words: String
  /// Tells files of weights apart.
  let identity: String

  /// Opens a file of weights.
  ///
  /// - Parameters:
  ///   - arguments: the options.
  ///   - file: the recipe's file, if there is one.
  ///   - path: the weights; nil for random ones.
  ///   - classes: the classes to tell apart.
  /// - Throws: `CheckpointError` if they are not those of the network.
  init(_ arguments: Arguments, _ file: PaddleRecipe?, path: String?, classes: Int) throws {
    let name = arguments["--model"] ?? file?.variant.name
    guard let path else {
      guard !arguments.has("--new-head") else {
        throw UsageError("--new-head needs --weights FILE or --pretrained")
      }
      variant = try Variant.named(name ?? "dla34")
      weights = nil
      words = "random weights"
      identity = "none"
      return
    }
    let file = try CheckpointFile(path: path)
    let found = try CheckpointModel(of: file, model: name, ignoringHead: true)
    variant = found.variant
    identity = "\(file.contentHash() ?? 0)"
    let isNew = arguments.has("--new-head") || found.classes != classes
    let tensors = variant.graph(classes: classes, inChannels: found.inChannels).tensors
    guard found.inChannels == 3 else {
      throw InputError(
        "\(file.name): it expects images of \(found.inChannels) channels, images have 3")
    }
    let own = try CheckpointWeights(
      file: file, tensors: tensors.filter { !isNew || !NewHead.makes($0) },
      ignoring: isNew ? NewHead.makes : { _ in false })
    guard isNew else {
      weights = own
      words = "weights of \(printablePath(file.name))"
      return
    }
    weights = NewHead(
      model: variant.name, inputs: variant.channels[variant.channels.count - 1], beside: own)
    words =
      "weights of \(printablePath(file.name)) but for the classifier, which is made anew"
      + (found.classes == classes ? "" : ": it told \(grouped(found.classes)) classes apart")
  }

  /// The file that the options or the recipe name; nil for none.
  static func path(_ arguments: Arguments, _ file: PaddleRecipe?) throws -> String? {
    guard arguments.has("--pretrained") else {
      return try arguments["--weights"] ?? file.flatMap(path)
    }
    guard arguments["--weights"] == nil else {
      throw UsageError("--pretrained and --weights both name weights to begin with; give one")
    }
    guard let model = arguments["--model"] ?? file?.variant.name else {
      throw UsageError("--pretrained needs --model NAME")
    }
    return try WeightsOptions.fetched(Variant.named(model))
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
