import DLACheckpoints
import DLACore
import DLAModels

extension Network {
  /// Loads a network from a safetensors file with timm's tensor names.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - model: the network's name; nil to tell it from the file's tensors.
  ///   - engine: how to use the machine.
  /// - Throws: `UnknownModelError` if no network has the name; `CheckpointError` if the file can't be
  ///   read or its tensors are not those of the network; `RuntimeError` with `.unsuitableEngine`.
  public convenience init(
    weights path: String, model: String? = nil, engine: Engine = Engine()
  ) throws {
    try self.init(file: SafetensorsFile(path: path), model: model, engine: engine)
  }

  /// Loads a network from a safetensors file that is open.
  ///
  /// - Parameters:
  ///   - file: the file.
  ///   - model: the network's name; nil to tell it from the file's tensors.
  ///   - engine: how to use the machine.
  /// - Throws: `UnknownModelError` if no network has the name; `CheckpointError` if its tensors are
  ///   not those of the network; `RuntimeError` with `.unsuitableEngine`.
  public convenience init(
    file: SafetensorsFile, model: String? = nil, engine: Engine = Engine()
  ) throws {
    let variant = try model.map(Variant.named) ?? Self.variant(of: file)
    let (classes, inputChannels) = Self.ends(of: file)
    let graph = variant.graph(classes: classes ?? 1000, inputChannels: inputChannels ?? 3)
    let weights = try CheckpointWeights(file: file, tensors: graph.tensors)
    try self.init(
      variant, weights: weights, classes: classes ?? 1000, inputChannels: inputChannels ?? 3,
      engine: engine)
  }

  /// Classes and image channels, told from the last and the first tensor; nil if they don't tell.
  private static func ends(of file: SafetensorsFile) -> (classes: Int?, inputChannels: Int?) {
    func length(_ tensor: String, _ dimension: Int) -> Int? {
      guard let shape = file.entry(named: tensor)?.shape, shape.count == 4, shape[dimension] > 0,
        shape[dimension] <= 1 << 20
      else { return nil }
      return shape[dimension]
    }
    return (length("fc.weight", 0), length("base_layer.0.weight", 1))
  }

  /// The network whose tensors are those of the file.
  private static func variant(of file: SafetensorsFile) throws -> Variant {
    let (classes, inputChannels) = ends(of: file)
    let found = Variant.all.first { variant in
      variant.graph(classes: classes ?? 1000, inputChannels: inputChannels ?? 3).tensors
        .allSatisfy { file.entry(named: $0.name)?.shape == $0.shape }
    }
    if let found { return found }
    throw CheckpointError(
      .wrongModel,
      "\(file.name): its \(file.entries.count) tensors are those of no DLA model with timm's names; "
        + "name the model to see which tensors differ")
  }
}
