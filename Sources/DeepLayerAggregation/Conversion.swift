import DLACheckpoints
import DLAGraph
import DLAModels
import DLATensor

/// A network's weights on their way from a file of one kind to a file of another.
///
/// ```swift
/// let conversion = try Conversion(CheckpointFile(path: "DLA34_pretrained.pdparams"))
/// try conversion.writeSafetensors(to: "dla34.safetensors")
/// try conversion.writeONNX(to: "dla34.onnx")
/// ```
public struct Conversion: Sendable {
  /// The network.
  public let variant: Variant
  /// The network as a graph, with the classifier that is written.
  public let graph: Graph

  private let file: CheckpointFile
  private let weights: any WeightSource
  private let hasNewHead: Bool

  /// Checks that the file holds a network's tensors; none are read yet.
  ///
  /// - Parameters:
  ///   - file: the weights.
  ///   - model: the network's name; nil to tell it from the tensors.
  ///   - classes: rows of the classifier; nil for those of the file.
  ///   - newHead: whether the classifier is made anew, see `NewHead`; otherwise it is the file's.
  /// - Throws: `UnknownModelError` if no network has the name; `CheckpointError` with
  ///   `.wrongClassCount` if the file's classifier is to be kept and has another number of classes,
  ///   otherwise with `.wrongModel`.
  public init(
    _ file: CheckpointFile, model: String? = nil, classes: Int? = nil, newHead: Bool = false
  ) throws {
    let found = try CheckpointModel(of: file, model: model, ignoringHead: newHead)
    let classes = classes ?? found.classes
    variant = found.variant
    self.file = file
    hasNewHead = newHead
    graph = variant.graph(classes: classes, inChannels: found.inChannels)
    // A classifier that is made anew may be there, in any shape, or not.
    let own = try CheckpointWeights(
      file: file, tensors: graph.tensors.filter { !newHead || !NewHead.makes($0) },
      ignoring: newHead ? NewHead.makes : { _ in false })
    weights =
      newHead
      ? NewHead(
        model: variant.name, inputs: variant.channels[variant.channels.count - 1], beside: own)
      : own
  }

  /// Rows of the classifier that is written.
  public var classes: Int { graph[graph.logits].channels }

  /// Writes a safetensors file with timm's names, which timm and this library load.
  ///
  /// Every tensor keeps its type and its bits. Batch norm's step counters are kept where the file has
  /// them, as is the metadata of a safetensors file.
  ///
  /// - Parameters:
  ///   - path: the file to write or replace; it appears whole or not at all.
  ///   - half: whether floating-point tensors are rounded to float16.
  /// - Throws: `CheckpointError`: `.unwritable`; `.nonFinite` if a weight is not finite, or too large
  ///   for float16.
  public func writeSafetensors(to path: String, half: Bool = false) throws(CheckpointError) {
    let tensors = Dictionary(uniqueKeysWithValues: graph.tensors.map { ($0.name, $0) })
    let items = graph.tensors.map { tensor in
      SafetensorsWriter.Item(
        name: tensor.name,
        dataType: half ? .float16 : stored(tensor)?.dataType ?? .float32, shape: tensor.shape)
    }
    let counters = stepCounters
    let writer = try SafetensorsWriter(
      items: items
        + counters.map {
          SafetensorsWriter.Item(name: $0.name, dataType: $0.entry.dataType, shape: $0.entry.shape)
        }, metadata: metadata)
    let entries = Dictionary(counters.map { ($0.name, $0.entry) }, uniquingKeysWith: { $1 })
    try writer.write(to: path) { item, sink in
      guard let tensor = tensors[item.name] else {
        if let entry = entries[item.name] {
          try file.withBytes(of: entry) { bytes throws(CheckpointError) in
            try sink.append(bytes: bytes)
          }
        }
        return
      }
      // Read in any case: whatever is written must be finite.
      let floats = try weights.read(tensor)
      if let entry = stored(tensor), entry.dataType == item.dataType {
        try file.withBytes(of: entry) { bytes throws(CheckpointError) in
          try sink.append(bytes: bytes)
        }
      } else {
        if half { try requireFits(floats, tensor) }
        try sink.append(floats)
      }
    }
  }

  /// Writes an ONNX model.
  ///
  /// - Parameters:
  ///   - path: the file to write or replace; it appears whole or not at all.
  ///   - options: what becomes of batch norms, the precision, and where the weights lie.
  /// - Throws: `CheckpointError` as `ONNXModel.write(to:weights:)` does.
  public func writeONNX(
    to path: String, options: ONNXModel.Options = .init()
  ) throws(CheckpointError) {
    try ONNXModel(graph, name: variant.name, options: options, metadata: metadata)
      .write(to: path, weights: weights)
  }

  /// The step counters of the network's batch norms, single integers, where the file has them.
  private var stepCounters: [(name: String, entry: CheckpointFile.Entry)] {
    graph.nodes.compactMap { node in
      guard case .batchNorm = node.operation else { return nil }
      let name = "\(node.name).num_batches_tracked"
      guard let entry = file.weight(named: name), entry.count == 1, entry.dataType == .int64 else {
        return nil
      }
      return (name, entry)
    }
  }

  /// What is known about the weights, for whoever opens the file that is written.
  private var metadata: [String: String] {
    var metadata = file.metadata
    metadata["part"] = nil
    metadata["format"] = "pt"
    metadata["model"] = variant.name
    if hasNewHead { metadata["classes"] = nil }
    return metadata
  }

  /// The file's own tensor, nil if it is made anew.
  private func stored(_ tensor: TensorSpecification) -> CheckpointFile.Entry? {
    hasNewHead && NewHead.makes(tensor) ? nil : file.weight(named: tensor.name)
  }

  private func requireFits(
    _ floats: [Float], _ tensor: TensorSpecification
  ) throws(CheckpointError) {
    guard let large = floats.first(where: { abs($0) >= float16Overflow }) else { return }
    throw CheckpointError(
      .nonFinite,
      "\(file.name): tensor \(tensor.name) holds \(large), float16 ends at 65504; "
        + "leave --half out")
  }
}
