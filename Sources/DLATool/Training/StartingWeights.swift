import DLACheckpoints
import DLARecipes
import DLASystem
import DLATensor
import DLAText
import DeepLayerAggregation

/// The network to train and its initial weights.
struct StartingWeights {
  let variant: Variant
  /// Channels of the input.
  let inChannels: Int
  /// Nil for random weights.
  let weights: (any WeightSource)?
  /// A description of their origin.
  let words: String
  /// A hash of the file.
  let identity: String

  /// Opens a file of weights, or makes random ones.
  ///
  /// - Throws: `CheckpointError` if they are not those of the network.
  init(_ arguments: Arguments, _ file: PaddleRecipe?, path: String?, classes: Int) throws {
    let name = arguments["--model"] ?? file?.variant.name
    let wanted = try arguments.choice("--in-chans", of: ["1", "3"]).flatMap { Int($0) }
    guard let path else {
      guard !arguments.has("--new-head") else {
        throw UsageError("--new-head needs --weights FILE or --pretrained")
      }
      variant = try Variant.named(name ?? "dla34")
      inChannels = wanted ?? 3
      weights = nil
      words = "random weights"
      identity = "none"
      return
    }
    let file = try CheckpointFile(path: path)
    let found = try CheckpointModel(
      of: file, model: name, part: arguments["--part"], ignoringHead: true)
    WeightsOptions.show(found.note, found.alternatives.isEmpty)
    variant = found.variant
    identity = "\(file.contentHash() ?? 0)"
    let isNew = arguments.has("--new-head") || found.classes != classes
    let tensors = variant.graph(classes: classes, inChannels: found.inChannels).tensors
    inChannels = wanted ?? found.inChannels
    guard inChannels == found.inChannels || (inChannels, found.inChannels) == (1, 3) else {
      throw InputError(
        "\(file.name): the network expects inputs of \(counted(found.inChannels, "channel")), --in-chans is "
          + "\(inChannels); only 3 channels become 1")
    }
    guard [1, 3].contains(inChannels) else {
      throw InputError(
        "\(file.name): the network expects inputs of \(inChannels) channels; images have 3, or 1 as gray "
          + "ones")
    }
    let stored = try CheckpointWeights(
      found.part, tensors: tensors.filter { !isNew || !NewHead.makes($0) },
      ignoring: isNew ? NewHead.makes : { _ in false })
    let own: any WeightSource = inChannels == found.inChannels ? stored : GrayInput(of: stored)
    guard isNew else {
      weights = own
      words = "weights of \(printablePath(file.name))"
      return
    }
    weights = NewHead(
      model: variant.name, inputs: variant.channels[variant.channels.count - 1], beside: own)
    words =
      "weights of \(printablePath(file.name)) with a new classifier"
      + (found.classes == classes ? "" : ", the old one has \(grouped(found.classes)) classes")
  }

  /// The file that the options or the configuration name; nil for none.
  static func path(_ arguments: Arguments, _ file: PaddleRecipe?) throws -> String? {
    guard arguments.has("--pretrained") else {
      return try arguments["--weights"] ?? file.flatMap(path)
    }
    guard arguments["--weights"] == nil else {
      throw UsageError("--pretrained and --weights exclude each other")
    }
    guard let model = arguments["--model"] ?? file?.variant.name else {
      throw UsageError("--pretrained needs --model NAME")
    }
    return try WeightsOptions.fetched(Variant.named(model))
  }

  /// The file that a configuration names; nil for none.
  private static func path(_ recipe: PaddleRecipe) throws -> String? {
    switch recipe.pretrained {
    case .none: return nil
    case .file(let path):
      // PaddleClas adds the extension.
      return Folder.kind(of: path) == .file ? path : path + ".pdparams"
    case .published:
      guard let path = WeightsOptions.fetchedFile(recipe.variant) else {
        throw InputError(
          "the configuration starts from published weights; run dla pull \(recipe.variant.name), or name "
            + "a file with --weights")
      }
      return path
    case .address(let address):
      throw InputError(
        "the configuration starts from \(printable(address)); download it with dla pull "
          + "\(recipe.variant.name) --url URL --output FILE and pass --weights FILE")
    }
  }
}
