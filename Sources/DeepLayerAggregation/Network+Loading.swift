import DLACheckpoints
import DLAModels

extension Network {
  /// Loads a network from a file of weights of any kind.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - model: the network's name; nil to tell it from the file's tensors.
  ///   - classes: rows of the classifier that are expected; nil for those of the file.
  ///   - configuration: how to use the machine.
  /// - Throws: `UnknownModelError` if no network has the name; `CheckpointError` if the file can't be
  ///   read or its tensors are not those of the network; `RuntimeError` with `.unsuitableConfiguration`.
  public convenience init(
    weights path: String, model: String? = nil, classes: Int? = nil,
    configuration: Configuration = Configuration()
  ) throws {
    try self.init(
      file: CheckpointFile(path: path), model: model, classes: classes, configuration: configuration
    )
  }

  /// Loads a network from a file of weights that is open.
  ///
  /// - Parameters:
  ///   - file: the file.
  ///   - model: the network's name; nil to tell it from the file's tensors.
  ///   - classes: rows of the classifier that are expected; nil for those of the file.
  ///   - configuration: how to use the machine.
  /// - Throws: `UnknownModelError` if no network has the name; `CheckpointError` if its tensors are
  ///   not those of the network; `RuntimeError` with `.unsuitableConfiguration`.
  public convenience init(
    file: CheckpointFile, model: String? = nil, classes: Int? = nil,
    configuration: Configuration = Configuration()
  ) throws {
    let found = try CheckpointModel(of: file, model: model)
    let classes = classes ?? found.classes
    let graph = found.variant.graph(classes: classes, inChannels: found.inChannels)
    let weights = try CheckpointWeights(file: file, tensors: graph.tensors)
    try self.init(
      found.variant, weights: weights, classes: classes, inChannels: found.inChannels,
      configuration: configuration)
  }
}
