import DLACheckpoints
import DLAGraph
import DLAModels

/// A weights file and the model that its tensors belong to.
public struct CheckpointModel: Sendable {
  /// The file.
  public let file: CheckpointFile
  /// The model.
  public let variant: Variant
  /// The number of classes.
  public let classes: Int
  /// Channels of the images.
  public let inChannels: Int

  /// Opens a weights file and identifies its model.
  ///
  /// - Parameters:
  ///   - path: the file, of any format in `CheckpointFormat`.
  ///   - model: the model's name; nil to identify it by the tensors.
  ///   - classes: the expected number of classes; nil for that of the file.
  /// - Throws: `CheckpointError` if the file can't be read; otherwise as
  ///   `init(of:model:classes:ignoringHead:)`.
  public init(path: String, model: String? = nil, classes: Int? = nil) throws {
    try self.init(of: CheckpointFile(path: path), model: model, classes: classes)
  }

  /// Identifies the model of an open weights file.
  ///
  /// No weights are read; whether all tensors fit is checked by ``weights()``.
  ///
  /// - Parameters:
  ///   - file: the weights.
  ///   - model: the model's name; nil to identify it by the tensors.
  ///   - classes: the expected number of classes; nil for that of the file.
  ///   - ignoringHead: whether the classifier may be missing, because it will be replaced.
  /// - Throws: `UnknownModelError` if there is no model of the name; `CheckpointError` with
  ///   `.otherModel` if the tensors are those of another model, `.unknownModel` if no name is given
  ///   and they are those of none.
  public init(
    of file: CheckpointFile, model: String? = nil, classes: Int? = nil, ignoringHead: Bool = false
  ) throws {
    let ownClasses = Self.length(of: "fc.weight", 0, in: file) ?? 1000
    let inChannels = Self.length(of: "base_layer.0.weight", 1, in: file) ?? 3
    func match(_ variant: Variant) -> Match {
      Match(
        of: variant, in: file, classes: ownClasses, inChannels: inChannels,
        ignoringHead: ignoringHead)
    }
    let named = try model.map(Variant.named)
    self.file = file
    self.classes = classes ?? ownClasses
    self.inChannels = inChannels
    if let named, match(named).isWhole {
      variant = named
      return
    }
    let fitting = Variant.all.first { match($0).isWhole }
    switch (named, fitting) {
    case (nil, let fitting?): variant = fitting
    case (nil, nil): throw Self.noModel(file, Variant.all.map(match))
    case (let named?, let fitting?):
      // Better than a list of the tensors that differ.
      throw CheckpointError(
        .otherModel,
        "\(file.name): these are the weights of \(fitting.name), not of \(named.name)")
    case (let named?, nil): variant = named
    }
  }

  /// The network as a graph.
  public var graph: Graph { variant.graph(classes: classes, inChannels: inChannels) }

  /// The weights, after checking that the file has all tensors of the graph and no others.
  ///
  /// - Returns: the weights; each tensor is read when it is needed.
  /// - Throws: `CheckpointError` with `.wrongClassCount` if only the number of classes differs,
  ///   otherwise `.wrongModel`.
  public func weights() throws(CheckpointError) -> CheckpointWeights {
    try CheckpointWeights(file: file, tensors: graph.tensors)
  }

  /// A dimension of a tensor that has four; nil if the file has none of that name.
  private static func length(of tensor: String, _ dimension: Int, in file: CheckpointFile) -> Int? {
    guard let shape = file.weight(named: tensor)?.shape, shape.count == 4, shape[dimension] > 0,
      shape[dimension] <= 1 << 20
    else { return nil }
    return shape[dimension]
  }

  /// The number of a model's tensors that a file has.
  private struct Match {
    let variant: Variant
    let found: Int
    let count: Int

    var isWhole: Bool { found == count }

    init(
      of variant: Variant, in file: CheckpointFile, classes: Int, inChannels: Int,
      ignoringHead: Bool
    ) {
      let tensors = variant.graph(classes: classes, inChannels: inChannels).tensors
        .filter { !ignoringHead || !NewHead.makes($0) }
      self.variant = variant
      found = tensors.count { file.weight(named: $0.name)?.shape == $0.shape }
      count = tensors.count
    }
  }

  private static func noModel(_ file: CheckpointFile, _ matches: [Match]) -> CheckpointError {
    let nearest = matches.max { $0.found * $1.count < $1.found * $0.count }
    let hint =
      nearest.flatMap { match in
        2 * match.found > match.count
          ? "; nearest is \(match.variant.name), of whose \(match.count) tensors it has "
            + "\(match.found)" : nil
      } ?? ", nor close to those of one"
    return CheckpointError(
      .unknownModel,
      "\(file.name): its \(file.entries.count) tensors are those of no DLA model\(hint)")
  }
}
