import DLACheckpoints
import DLAGraph
import DLAModels
import DLATensor

/// The conversion of a model's weights from one file format to another.
///
/// ```swift
/// let conversion = try Conversion(CheckpointFile(path: "DLA34_pretrained.pdparams"))
/// try conversion.writeSafetensors(to: "dla34.safetensors")
/// try conversion.writeONNX(to: "dla34.onnx")
/// ```
public struct Conversion: Sendable {
  /// The model.
  public let variant: Variant
  /// The network as a graph, with the classifier that is written.
  public let graph: Graph
  /// One line about what the file holds besides the network; nil if there is nothing else.
  public let note: String?
  /// True if the file holds no other whole network.
  public let isAlone: Bool

  private let part: CheckpointPart
  private var file: CheckpointFile { part.file }
  private let weights: any WeightSource
  private let hasNewHead: Bool

  /// Checks that a file holds a model's tensors; none are read yet.
  ///
  /// - Parameters:
  ///   - file: the weights.
  ///   - model: the model's name; nil to identify it by the tensors.
  ///   - name: the prefix of the network's tensors; nil for the first whole network.
  ///   - classes: the number of classes; nil for that of the file.
  ///   - newHead: whether the classifier is replaced by a randomly initialised one.
  /// - Throws: `UnknownModelError` if there is no model of the name; `CheckpointError` with
  ///   `.wrongClassCount` if the classifier is kept and has another number of classes, otherwise as
  ///   `CheckpointModel.init(of:model:part:classes:ignoringHead:)`, or with `.wrongModel`.
  public init(
    _ file: CheckpointFile, model: String? = nil, part name: String? = nil, classes: Int? = nil,
    newHead: Bool = false
  ) throws {
    let found = try CheckpointModel(
      of: file, model: model, part: name, classes: classes, ignoringHead: newHead)
    variant = found.variant
    part = found.part
    (note, isAlone) = (found.note, found.alternatives.isEmpty)
    hasNewHead = newHead
    graph = found.graph
    // A classifier that is replaced may be there, in any shape, or not.
    let own = try CheckpointWeights(
      part, tensors: graph.tensors.filter { !newHead || !NewHead.makes($0) },
      ignoring: newHead ? NewHead.makes : { _ in false })
    weights =
      newHead
      ? NewHead(
        model: variant.name, inputs: variant.channels[variant.channels.count - 1], beside: own)
      : own
  }

  /// Where the network stands in the file: the names of dictionaries and wrappers; nil for none.
  public var partName: String? {
    let names = [file.metadata["dictionary"], part.name].compactMap(\.self).filter { !$0.isEmpty }
    return names.isEmpty ? nil : names.joined(separator: ".")
  }

  /// The number of classes that is written.
  public var classes: Int { graph[graph.logits].channels }

  /// Writes a safetensors file with timm's names, which timm and this library load.
  ///
  /// Every tensor keeps its type and its bits. Batch norm's step counters are kept where the file has
  /// them, as is the metadata of a safetensors file.
  ///
  /// - Parameters:
  ///   - path: the file to write or replace; it is written completely or not at all.
  ///   - half: whether floating-point tensors are rounded to float16.
  /// - Throws: `CheckpointError`: `.unwritable`; `.nonFinite`; `.float16Overflow` if a weight is too
  ///   large for float16.
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
      // Read in any case: what is written must be finite.
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
  ///   - path: the file to write or replace; it is written completely or not at all.
  ///   - options: batch norms folded or kept, the precision, weights embedded or external.
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
      guard let entry = part.weight(named: name), entry.count == 1, entry.dataType == .int64 else {
        return nil
      }
      return (name, entry)
    }
  }

  private var metadata: [String: String] {
    var metadata = (try? file.describingMetadata()) ?? file.metadata
    metadata["dictionary"] = nil
    metadata["format"] = "pt"
    metadata["model"] = variant.name
    if hasNewHead { (metadata["classes"], metadata["identifiers"]) = (nil, nil) }
    return metadata
  }

  /// The file's own tensor; nil if it is replaced.
  private func stored(_ tensor: TensorSpecification) -> CheckpointFile.Entry? {
    hasNewHead && NewHead.makes(tensor) ? nil : part.weight(named: tensor.name)
  }

  private func requireFits(
    _ floats: [Float], _ tensor: TensorSpecification
  ) throws(CheckpointError) {
    guard let large = floats.first(where: { abs($0) >= float16Overflow }) else { return }
    throw CheckpointError(
      .float16Overflow,
      "\(file.name): tensor \(tensor.name) holds \(large), float16 ends at 65504")
  }
}
