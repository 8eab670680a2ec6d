import DLAHub
import DeepLayerAggregation

/// The options that select weights, shared by all commands that read them.
enum WeightsOptions {
  static let model = Option("--model", "MODEL", "The network. Default: detected from the weights.")
  static let weights = Option(
    "--weights", "FILE",
    "PyTorch, Paddle or safetensors file. Default: the file that dla pull downloaded for --model.")
  static let classes = Option(
    "--classes", "N", "Number of classes that the weights must have. Default: any.")
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

  /// The network of an open file: the one that the options name, else detected from the file.
  static func source(_ file: CheckpointFile, _ arguments: Arguments) throws -> Source {
    let named = try arguments["--model"].map(Variant.named)
    return Source(
      file: file, variant: try named ?? CheckpointModel(of: file).variant,
      classes: try classes(arguments))
  }

  static func classes(_ arguments: Arguments) throws -> Int? {
    try arguments.integer("--classes", in: 1...1 << 20)
  }

  /// The file that `dla pull` downloaded for a network; nil if there is none.
  static func fetchedFile(_ variant: Variant) -> String? {
    WeightsStore.user?.file(for: variant.name)
  }

  /// The file that `dla pull` downloaded for a network.
  ///
  /// - Throws: `UsageError` if there is none.
  static func fetched(_ variant: Variant) throws -> String {
    if let path = fetchedFile(variant) { return path }
    throw UsageError(
      "there are no downloaded weights of \(variant.name); run dla pull \(variant.name), or name a file "
        + "with --weights")
  }
}
