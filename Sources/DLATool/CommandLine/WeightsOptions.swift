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

  /// A file of weights and the network that it is for.
  struct Source {
    let file: CheckpointFile
    let variant: Variant
    let classes: Int?

    /// Makes the network.
    func network(_ configuration: Network.Configuration) throws -> Network {
      try Network(file: file, model: variant.name, classes: classes, configuration: configuration)
    }

    /// The network as a graph, with its tensors.
    func weights() throws -> (graph: Graph, weights: any WeightSource) {
      let found = try CheckpointModel(of: file, model: variant.name)
      let graph = variant.graph(
        classes: classes ?? found.classes, inChannels: found.inChannels)
      return (graph, try CheckpointWeights(file: file, tensors: graph.tensors))
    }
  }

  /// Opens the file that the options name.
  ///
  /// - Returns: nil if they name neither a file nor a model.
  static func source(_ arguments: Arguments) throws -> Source? {
    let named = try arguments["--model"].map(Variant.named)
    let classes = try classes(arguments)
    guard let path = try arguments["--weights"] ?? named.map(fetched) else {
      guard classes == nil else { throw UsageError("--classes needs --weights FILE") }
      return nil
    }
    return try source(CheckpointFile(path: path), arguments)
  }

  /// Tells the network of a file that is open, unless the options name it.
  static func source(_ file: CheckpointFile, _ arguments: Arguments) throws -> Source {
    let named = try arguments["--model"].map(Variant.named)
    return Source(
      file: file, variant: try named ?? CheckpointModel(of: file).variant,
      classes: try classes(arguments))
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
