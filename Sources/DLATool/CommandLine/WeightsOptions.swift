import DLAHub
import DeepLayerAggregation

/// Which weights a command uses: the same options wherever weights are read.
enum WeightsOptions {
  static let model = Option("--model", "NAME", "The network. Default: told from the weights.")
  static let weights = Option(
    "--weights", "FILE",
    "Weights: PyTorch, Paddle or safetensors. Default: what dla pull fetched for --model.")
  static let classes = Option(
    "--classes", "N", "Classes the weights must have. Default: as many as they have.")
  static let options = [model, weights, classes]

  /// Opens the file that the options name and identifies its model.
  ///
  /// - Returns: nil if they name neither a file nor a model.
  static func source(_ arguments: Arguments) throws -> CheckpointModel? {
    let named = try arguments["--model"].map(Variant.named)
    let classes = try classes(arguments)
    guard let path = try arguments["--weights"] ?? named.map(fetched) else {
      guard classes == nil else { throw UsageError("--classes needs --weights FILE") }
      return nil
    }
    return try CheckpointModel(path: path, model: named?.name, classes: classes)
  }

  static func classes(_ arguments: Arguments) throws -> Int? {
    try arguments.integer("--classes", in: 1...1 << 20)
  }

  /// Where `dla pull` keeps the weights of a network; nil if it has none.
  static func fetchedFile(_ variant: Variant) -> String? {
    WeightsStore.user?.file(for: variant.name)
  }

  /// Where `dla pull` keeps the weights of a network.
  ///
  /// - Throws: `UsageError` if it has none.
  static func fetched(_ variant: Variant) throws -> String {
    if let path = fetchedFile(variant) { return path }
    throw UsageError(
      "weights of \(variant.name) have not been fetched: dla pull \(variant.name) fetches published ones, "
        + "--weights FILE names others")
  }
}
