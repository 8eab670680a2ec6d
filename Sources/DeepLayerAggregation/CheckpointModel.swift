import DLACheckpoints
import DLACore
import DLAModels

/// Which network a file of weights belongs to, told from its tensors.
public struct CheckpointModel: Sendable {
  /// The network.
  public let variant: Variant
  /// Rows of its classifier.
  public let classes: Int
  /// Channels of its images.
  public let inputChannels: Int

  /// Tells the network.
  ///
  /// - Parameters:
  ///   - file: the weights.
  ///   - model: the network's name; nil to tell it from the tensors.
  /// - Throws: `UnknownModelError` if no network has the name; `CheckpointError` with `.wrongModel` if
  ///   there is no name and the tensors are those of none.
  public init(of file: CheckpointFile, model: String? = nil) throws {
    classes = Self.length(of: "fc.weight", 0, in: file) ?? 1000
    inputChannels = Self.length(of: "base_layer.0.weight", 1, in: file) ?? 3
    if let model {
      variant = try Variant.named(model)
    } else {
      variant = try Self.variant(of: file, classes: classes, inputChannels: inputChannels)
    }
  }

  /// The network as a graph, with the classifier and the channels of the file.
  public var graph: Graph { variant.graph(classes: classes, inputChannels: inputChannels) }

  /// A length of a tensor of four dimensions, nil if the file has none of that name.
  private static func length(
    of tensor: String, _ dimension: Int, in file: CheckpointFile
  ) -> Int? {
    guard let shape = file.weight(named: tensor)?.shape, shape.count == 4, shape[dimension] > 0,
      shape[dimension] <= 1 << 20
    else { return nil }
    return shape[dimension]
  }

  private static func variant(
    of file: CheckpointFile, classes: Int, inputChannels: Int
  ) throws -> Variant {
    let found = Variant.all.first { variant in
      variant.graph(classes: classes, inputChannels: inputChannels).tensors
        .allSatisfy { file.weight(named: $0.name)?.shape == $0.shape }
    }
    if let found { return found }
    throw CheckpointError(
      .wrongModel,
      "\(file.name): its \(file.entries.count) tensors are those of no DLA model; "
        + "name the model (--model) to see which tensors differ")
  }
}
