import DLACheckpoints
import DLAGraph
import DLAModels

/// Which network a file of weights belongs to, told from its tensors.
public struct CheckpointModel: Sendable {
  /// The network.
  public let variant: Variant
  /// Rows of its classifier.
  public let classes: Int
  /// Channels of its images.
  public let inChannels: Int

  /// Tells the network.
  ///
  /// - Parameters:
  ///   - file: the weights.
  ///   - model: the network's name; nil to tell it from the tensors.
  ///   - ignoringHead: whether the classifier need not be there, since it is made anew.
  /// - Throws: `UnknownModelError` if no network has the name; `CheckpointError` with `.wrongModel` if
  ///   the tensors are those of another network, or there is no name and they are those of none.
  public init(
    of file: CheckpointFile, model: String? = nil, ignoringHead: Bool = false
  ) throws {
    let classes = Self.length(of: "fc.weight", 0, in: file) ?? 1000
    let inChannels = Self.length(of: "base_layer.0.weight", 1, in: file) ?? 3
    self.classes = classes
    self.inChannels = inChannels
    func match(_ variant: Variant) -> Match {
      Match(
        of: variant, in: file, classes: classes, inChannels: inChannels,
        ignoringHead: ignoringHead)
    }
    let named = try model.map(Variant.named)
    if let named, match(named).isWhole {
      variant = named
      return
    }
    let fitting = Variant.all.first { match($0).isWhole }
    guard let named else {
      guard let fitting else { throw Self.noModel(file, Variant.all.map(match)) }
      variant = fitting
      return
    }
    // What the file is says more than how it differs.
    if let fitting {
      throw CheckpointError(
        .wrongModel,
        "\(file.name): these are the weights of \(fitting.name), not of \(named.name); "
          + "leave --model out or name the right one")
    }
    variant = named
  }

  /// The network as a graph, with the classifier and the channels of the file.
  public var graph: Graph { variant.graph(classes: classes, inChannels: inChannels) }

  /// A length of a tensor of four dimensions, nil if the file has none of that name.
  private static func length(
    of tensor: String, _ dimension: Int, in file: CheckpointFile
  ) -> Int? {
    guard let shape = file.weight(named: tensor)?.shape, shape.count == 4, shape[dimension] > 0,
      shape[dimension] <= 1 << 20
    else { return nil }
    return shape[dimension]
  }

  /// How many of a network's tensors a file has.
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
            + "\(match.found) (--model \(match.variant.name) lists the others)" : nil
      } ?? ", nor near to those of one"
    return CheckpointError(
      .wrongModel,
      "\(file.name): its \(file.entries.count) tensors are those of no DLA model\(hint)")
  }
}
