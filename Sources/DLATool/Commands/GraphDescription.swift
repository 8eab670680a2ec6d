import DLAGraph
import DLASystem
import DLATensor
import DeepLayerAggregation

/// A network without its weights as JSON, for other tools.
struct GraphDescription: Encodable {
  private struct Node: Encodable {
    let name: String
    let operation: String
    let inputs: [String]
    /// Channels of the output.
    let channels: Int
    /// The stride relative to the input; 0 after the global pooling.
    let reduction: Int
    let tensors: [Tensor]
    var kernel: Int?
    var stride: Int?
    var padding: Int?
    var groups: Int?
    var epsilon: Double?
    /// The first channel, and the one after the last.
    var range: [Int]?

    init(_ node: Graph.Node, of graph: Graph) {
      name = node.name
      inputs = node.inputs.map { graph[$0].name }
      channels = node.channels
      reduction = node.reduction
      tensors = node.tensors.map { Tensor(name: $0.name, shape: $0.shape) }
      switch node.operation {
      case .input: operation = "input"
      case .convolution(let convolution):
        operation = "convolution"
        (kernel, stride) = (convolution.kernelSize, convolution.stride)
        (padding, groups) = (convolution.padding, convolution.groups)
      case .batchNorm:
        operation = "batch_norm"
        epsilon = Graph.Operation.batchNormEpsilon
      case .relu: operation = "relu"
      case .add: operation = "add"
      case .concatenate: operation = "concatenate"
      case .slice(let channels):
        operation = "slice"
        range = [channels.lowerBound, channels.upperBound]
      case .maxPool(let window):
        operation = "max_pool"
        (kernel, stride, padding) = (window, window, 0)
      case .averagePool3x3(let step):
        operation = "average_pool"
        (kernel, stride, padding) = (3, step, 1)
      case .globalAveragePool: operation = "global_average_pool"
      }
    }
  }

  private struct Tensor: Encodable {
    let name: String
    let shape: [Int]
  }

  private let model: String
  private let classes: Int
  private let nodes: [Node]
  /// The nodes whose outputs are the feature maps of levels 0 to 5.
  private let levels: [String]
  private let logits: String

  init(_ variant: Variant, _ graph: Graph) {
    model = variant.name
    classes = graph[graph.logits].channels
    nodes = graph.nodes.map { Node($0, of: graph) }
    levels = graph.levels.map { graph[$0].name }
    logits = graph[graph.logits].name
  }

  /// Writes the file atomically.
  func write(to path: String) throws {
    let file = try ReplacementFile(path: path)
    try Array((JSON.line(self) + "\n").utf8).withUnsafeBytes { try file.append($0) }
    try file.commit()
  }
}
