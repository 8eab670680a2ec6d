/// A network as data: named operations in evaluation order, each with one output.
///
/// Counting, inference, drawing and export are walks over `nodes`; nothing else defines a network.
public struct Graph: Sendable {
  /// The output of one node.
  public struct Value: Hashable, Sendable {
    /// The position of the node in `Graph.nodes`.
    public let index: Int

    package init(node index: Int) { self.index = index }
  }

  /// One operation, its name and where its inputs come from.
  public struct Node: Sendable {
    /// The name that weights are stored under, for instance `level3.tree1.root.conv`.
    public let name: String
    /// The operation.
    public let operation: Graph.Operation
    /// The outputs it reads; every one belongs to an earlier node.
    public let inputs: [Value]
    /// Channels of its output.
    public let channels: Int
    /// Input pixels per output pixel along one side; 0 for the output of the global pool.
    public let reduction: Int
  }

  /// All nodes; the first is the input.
  public private(set) var nodes: [Node]
  /// The feature maps of levels 0 to 5, at reductions 1, 2, 4, 8, 16 and 32.
  public package(set) var levels: [Value] = []
  /// The class scores, [N, classes, 1, 1].
  public package(set) var logits: Value

  package init(inChannels: Int) {
    nodes = [
      Node(name: "input", operation: .input, inputs: [], channels: inChannels, reduction: 1)
    ]
    logits = Value(node: 0)
  }

  /// The images.
  public var input: Value { Value(node: 0) }

  /// The node that makes a value.
  public subscript(value: Value) -> Node { nodes[value.index] }

  /// Adds a node; weights are stored under its name.
  ///
  /// - Returns: its output.
  /// - Precondition: the inputs' channels and reductions suit the operation.
  package mutating func append(_ operation: Graph.Operation, name: String, inputs: Value...)
    -> Value
  {
    append(operation, name: name, inputs: inputs)
  }

  /// Adds a node that reads a list of values; weights are stored under its name.
  ///
  /// - Returns: its output.
  /// - Precondition: the inputs' channels and reductions suit the operation.
  package mutating func append(_ operation: Graph.Operation, name: String, inputs: [Value]) -> Value
  {
    let sources = inputs.map { self[$0] }
    guard let first = sources.first else { preconditionFailure("\(name) reads nothing") }
    precondition(
      sources.allSatisfy { $0.reduction == first.reduction },
      "\(name) reads feature maps of different sizes")
    var channels = first.channels
    var reduction = first.reduction
    switch operation {
    case .input: preconditionFailure("a graph has one input")
    case .convolution(let convolution):
      precondition(channels == convolution.inChannels, "\(name) reads \(channels) channels")
      channels = convolution.outChannels
      reduction *= convolution.stride
    case .add:
      precondition(
        sources.count == 2 && sources[1].channels == channels,
        "\(name) adds feature maps of different channels")
    case .concatenate: channels = sources.reduce(0) { $0 + $1.channels }
    case .slice(let range):
      precondition(range.upperBound <= channels, "\(name) slices \(range) of \(channels) channels")
      channels = range.count
    case .maxPool(let window): reduction *= window
    case .averagePool3x3(let stride): reduction *= stride
    case .globalAveragePool: reduction = 0
    case .batchNorm, .relu: break
    }
    nodes.append(
      Node(
        name: name, operation: operation, inputs: inputs, channels: channels, reduction: reduction))
    return Value(node: nodes.count - 1)
  }
}
