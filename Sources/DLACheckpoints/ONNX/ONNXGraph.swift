import DLAGraph
import DLATensor

/// A network in ONNX's operators: a walk over the nodes of its graph.
///
/// A node's only output has the name of the node; initializers have the names of the weights' tensors.
struct ONNXGraph: Sendable {
  /// The name of the images.
  static let input = "input"
  /// The name of the class scores.
  static let output = "logits"

  private(set) var nodes: [ONNXNode] = []
  private(set) var tensors: [ONNXTensor] = []
  private let halfPrecision: Bool
  /// The name of each graph node's output.
  private var names: [String] = []

  init(_ graph: Graph, options: ONNXModel.Options) {
    halfPrecision = options.halfPrecision
    let norms = options.batchNorm == .fold ? graph.foldableNorms : [:]
    let folded = Set(norms.values)
    for (index, node) in graph.nodes.enumerated() {
      let inputs = node.inputs.map { names[$0.index] }
      if folded.contains(index) {
        names.append(inputs[0])
        continue
      }
      append(node, inputs: inputs, norm: norms[index].map { graph.nodes[$0] })
      names.append(node.operation == .input ? Self.input : node.name)
    }
    // [N, classes, 1, 1] becomes [N, classes].
    nodes.append(
      ONNXNode(
        "Flatten", name: "flatten", inputs: [names[graph.logits.index]], output: Self.output,
        ["axis": .int(1)]))
  }

  /// The names of all values, of which each may be given once.
  var valueNames: [String] { [Self.input] + nodes.map(\.output) + tensors.map(\.item.name) }

  private mutating func append(_ node: Graph.Node, inputs: [String], norm: Graph.Node?) {
    func call(
      _ operatorName: String, _ inputs: [String],
      _ attributes: KeyValuePairs<String, ONNXNode.Attribute> = [:]
    ) { nodes.append(ONNXNode(operatorName, name: node.name, inputs: inputs, attributes)) }
    switch node.operation {
    case .input: break
    case .convolution(let convolution):
      let weights = appendWeights(of: node, norm: norm)
      call(
        "Conv", inputs + weights,
        [
          "dilations": .ints([1, 1]), "group": .int(convolution.groups),
          "kernel_shape": .ints([convolution.kernelSize, convolution.kernelSize]),
          "pads": .ints(Array(repeating: convolution.padding, count: 4)),
          "strides": .ints([convolution.stride, convolution.stride]),
        ])
    case .batchNorm:
      let vectors = appendWeights(of: node, norm: nil)
      call(
        "BatchNormalization", inputs + vectors,
        ["epsilon": .float(Float(Graph.Operation.batchNormEpsilon))])
    case .relu: call("Relu", inputs)
    case .add: call("Add", inputs)
    case .concatenate: call("Concat", inputs, ["axis": .int(1)])
    case .slice(let range):
      let bounds = [
        ("starts", range.lowerBound), ("ends", range.upperBound), ("axes", 1),
      ].map { ONNXTensor("\(node.name).\($0)", numbers: [$1]) }
      tensors += bounds
      call("Slice", inputs + bounds.map(\.item.name))
    case .maxPool(let window):
      call(
        "MaxPool", inputs,
        ["kernel_shape": .ints([window, window]), "strides": .ints([window, window])])
    case .averagePool3x3(let stride):
      call(
        "AveragePool", inputs,
        [
          "count_include_pad": .int(1), "kernel_shape": .ints([3, 3]), "pads": .ints([1, 1, 1, 1]),
          "strides": .ints([stride, stride]),
        ])
    case .globalAveragePool: call("GlobalAveragePool", inputs)
    }
  }

  /// Adds the initializers of a node and tells the names of the values that its operator reads.
  private mutating func appendWeights(of node: Graph.Node, norm: Graph.Node?) -> [String] {
    let own = node.tensors
    guard let norm else {
      return own.map { append(ONNXTensor($0.name, shape: $0.shape, type(of: $0), .stored($0))) }
    }
    return [
      append(
        ONNXTensor(
          own[0].name, shape: own[0].shape, type(of: own[0]),
          .foldedWeight(convolution: node, norm: norm))),
      append(
        ONNXTensor(
          "\(node.name).bias", shape: [node.channels], .float32,
          .foldedBias(convolution: node, norm: norm))),
    ]
  }

  /// Vectors stay float32: they are a hundredth of the weights or less, and variances may be large.
  private func type(of tensor: TensorSpecification) -> DataType {
    halfPrecision && tensor.shape.count > 1 ? .float16 : .float32
  }

  /// Adds an initializer and, if it is not float32, what makes it so.
  private mutating func append(_ tensor: ONNXTensor) -> String {
    tensors.append(tensor)
    let name = tensor.item.name
    guard tensor.item.dataType == .float16 else { return name }
    let cast = ONNXNode(
      "Cast", name: "\(name).float32", inputs: [name],
      ["to": .int(ONNXFormat.ElementType.float.rawValue)])
    nodes.append(cast)
    return cast.output
  }
}

extension Graph {
  /// The batch norms that follow a convolution which nothing else reads, by the convolution's index.
  fileprivate var foldableNorms: [Int: Int] {
    var readers: [Int: Int] = [logits.index: 1]
    for input in nodes.lazy.flatMap(\.inputs) { readers[input.index, default: 0] += 1 }
    var norms: [Int: Int] = [:]
    for (index, node) in nodes.enumerated() where node.operation == .batchNorm {
      let before = node.inputs[0].index
      if case .convolution = nodes[before].operation, readers[before] == 1 { norms[before] = index }
    }
    return norms
  }
}
