import DLAGraph
import DLASystem

extension ONNXModel {
  /// The `ModelProto`; `dataFile` is the name of the file that holds the weights, nil if the model
  /// does.
  func message(dataFile: String?) -> ONNXMessage {
    Self.message(graph, of: network, name: name, metadata: metadata, dataFile: dataFile)
  }

  static func message(
    _ graph: ONNXGraph, of network: Graph, name: String, metadata: [String: String],
    dataFile: String?
  ) -> ONNXMessage {
    typealias Field = ONNXFormat.ModelProto
    let reduction = network.nodes.map(\.reduction).max() ?? 1
    var message = ONNXMessage()
    message.append(ONNXFormat.irVersion, field: Field.irVersion)
    message.append("swift-dla", field: Field.producerName)
    message.append(packageVersion, field: Field.producerVersion)
    message.append(
      "Class scores of images. \(ONNXGraph.input): [batch, channels, height, width], both sides "
        + "multiples of \(reduction); \(ONNXGraph.output): [batch, classes].",
      field: Field.docString)
    message.append(graph.message(of: network, name: name, dataFile: dataFile), field: Field.graph)
    message.append(field: Field.opsetImport) {
      // No name stands for ONNX's own operators.
      $0.append("", field: ONNXFormat.OperatorSetIdProto.domain)
      $0.append(ONNXFormat.operatorSet, field: ONNXFormat.OperatorSetIdProto.version)
    }
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      message.append(.entry(key: key, value: value), field: Field.metadataProps)
    }
    return message
  }
}

extension ONNXGraph {
  /// The offset of each tensor in the external file; tensors that are not in it take no space.
  var dataOffsets: [Int] {
    var end = 0
    return tensors.map { tensor in
      guard tensor.isWeight else { return end }
      let alignment = ONNXFormat.dataAlignment
      let offset = (end + alignment - 1) / alignment * alignment
      end = offset + tensor.byteCount
      return offset
    }
  }

  fileprivate func message(of graph: Graph, name: String, dataFile: String?) -> ONNXMessage {
    typealias Field = ONNXFormat.GraphProto
    var message = ONNXMessage()
    for node in nodes { message.append(node.message, field: Field.node) }
    message.append(name, field: Field.name)
    for (tensor, offset) in zip(tensors, dataOffsets) {
      message.append(
        tensor.message(in: dataFile.map { (name: $0, offset: offset) }), field: Field.initializer)
    }
    let (images, scores) = (graph[graph.input].channels, graph[graph.logits].channels)
    message.append(
      Self.valueInfo(
        Self.input, [.named("batch"), .fixed(images), .named("height"), .named("width")]),
      field: Field.input)
    message.append(
      Self.valueInfo(Self.output, [.named("batch"), .fixed(scores)]), field: Field.output)
    return message
  }

  /// The length of a dimension, or a name for one that is known only when the model runs.
  private enum Dimension {
    case fixed(Int)
    case named(String)
  }

  /// A `ValueInfoProto` of a float32 tensor.
  private static func valueInfo(_ name: String, _ shape: [Dimension]) -> ONNXMessage {
    var dimensions = ONNXMessage()
    for dimension in shape {
      dimensions.append(field: ONNXFormat.TensorShapeProto.dim) {
        switch dimension {
        case .fixed(let length): $0.append(length, field: ONNXFormat.DimensionProto.dimValue)
        case .named(let name): $0.append(name, field: ONNXFormat.DimensionProto.dimParam)
        }
      }
    }
    var info = ONNXMessage()
    info.append(name, field: ONNXFormat.ValueInfoProto.name)
    info.append(field: ONNXFormat.ValueInfoProto.type) {
      $0.append(field: ONNXFormat.TypeProto.tensorType) {
        $0.append(ONNXFormat.ElementType.float.rawValue, field: ONNXFormat.TensorTypeProto.elemType)
        $0.append(dimensions, field: ONNXFormat.TensorTypeProto.shape)
      }
    }
    return info
  }
}
