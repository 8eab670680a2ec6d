import DLAHub
import DeepLayerAggregation

/// The options that select weights, shared by all commands that read them.
enum WeightsOptions {
  static let model = Option("--model", "MODEL", "The network. Default: detected from the weights.")
  static let weights = Option(
    "--weights", "FILE",
    "PyTorch, Paddle or safetensors file. Default: the file that dla pull downloaded for --model.")
  static let part = Option(
    "--part", "PREFIX",
    "Prefix of the network in weights that hold several. Default: an average (ema), else the first; a "
      + "teacher last.")
  static let classes = Option(
    "--classes", "N", "Number of classes that the weights must have. Default: any.")
  static let options = [model, weights, part, classes]

  /// Opens the file that the options name and identifies its model.
  ///
  /// - Returns: nil if they name neither a file nor a model.
  static func source(_ arguments: Arguments) throws -> CheckpointModel? {
    let named = try arguments["--model"].map(Variant.named)
    let classes = try classes(arguments)
    guard let path = try arguments["--weights"] ?? named.map(fetched) else {
      for option in ["--classes", "--part"] where arguments.has(option) {
        throw UsageError("\(option) needs --weights FILE")
      }
      return nil
    }
    let found = try CheckpointModel(
      path: path, model: named?.name, part: arguments["--part"], classes: classes)
    show(found.note, found.alternatives.isEmpty || arguments.has("--part"))
    return found
  }

  /// Says what else a file of weights holds.
  static func show(_ note: String?, _ isAlone: Bool) {
    if let note { Console.warn(note + (isAlone ? "" : "; --part PREFIX chooses")) }
  }

  static func classes(_ arguments: Arguments) throws -> Int? {
    try arguments.integer("--classes", in: 1...1 << 20)
  }

  /// The file that `dla pull`, or else another client of the Hugging Face hub, downloaded for a
  /// network; nil if there is none.
  static func fetchedFile(_ variant: Variant) -> String? {
    WeightsStore.user?.file(for: variant.name) ?? HubSettings().cachedFile(of: variant.name)
  }

  /// The downloaded file of a network.
  ///
  /// - Throws: `UsageError` if there is none.
  static func fetched(_ variant: Variant) throws -> String {
    if let path = fetchedFile(variant) { return path }
    throw UsageError(
      "there are no downloaded weights of \(variant.name); run dla pull \(variant.name), or name a file "
        + "with --weights")
  }
}
