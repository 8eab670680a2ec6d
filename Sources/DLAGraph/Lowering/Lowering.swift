/// One step of a network before memory is planned: an operation and the operations fused into it.
package struct LoweredStep {
  /// The computation of a step.
  package enum Operation {
    /// A convolution with everything that is fused into it.
    case convolution(FusedConvolution)
    /// A batch norm with the addition and the ReLU that follow it, in training.
    case batchNorm(shortcut: Graph.Value?, relu: Bool)
    /// Max pooling of squares that do not overlap.
    case maxPool(window: Int)
    /// The mean of 3×3 squares.
    case averagePool3x3(stride: Int)
    /// The mean over all pixels.
    case globalAverage
    /// An addition that is fused into nothing.
    case add
  }

  /// The first node of the step; it names the layer.
  package let node: Graph.Node
  package let operation: Operation
  /// The value it writes.
  package let output: Graph.Value

  package var name: String { node.name }
  /// The values it reads, without a fused shortcut.
  package var inputs: [Graph.Value] { node.inputs }

  package var isConvolution: Bool {
    if case .convolution = operation { true } else { false }
  }

  /// All values that the step reads: its inputs and a fused shortcut.
  package var reads: [Graph.Value] {
    switch operation {
    case .convolution(let fused): inputs + (fused.shortcut.map { [$0] } ?? [])
    case .batchNorm(let shortcut, _): inputs + (shortcut.map { [$0] } ?? [])
    default: inputs
    }
  }
}

/// A convolution, the batch norm folded into it, and the operations applied to its results before
/// they are stored.
package struct FusedConvolution {
  /// The convolution of the network.
  package let convolution: Convolution
  /// The node that holds the weights.
  package let weights: Graph.Node
  /// The batch norm that follows; nil in training, where it is a step of its own.
  package let norm: Graph.Node?
  /// The value added before the ReLU.
  package let shortcut: Graph.Value?
  /// True if a ReLU is applied last.
  package let relu: Bool

  /// Describes a convolution, by default one that nothing is fused into.
  package init(
    convolution: Convolution, weights: Graph.Node, norm: Graph.Node? = nil,
    shortcut: Graph.Value? = nil, relu: Bool = false
  ) {
    (self.convolution, self.weights, self.norm) = (convolution, weights, norm)
    (self.shortcut, self.relu) = (shortcut, relu)
  }
}

extension Graph {
  /// The purpose of a lowering, which decides what is fused.
  package enum Purpose {
    /// Batch norms, additions and ReLUs join the convolution before them.
    case inference
    /// Additions and ReLUs join the batch norm before them.
    case training
  }

  /// The steps of the network in the order they run; concatenations and slices are views and
  /// vanish.
  ///
  /// - Precondition: every ReLU follows, for inference also every batch norm, an operation that it
  ///   can join and whose output nothing else reads.
  package func lowered(for purpose: Purpose) -> [LoweredStep] {
    var lowering = Lowering(self)
    for (index, node) in nodes.enumerated() where !lowering.isFused(index) {
      switch (node.operation, purpose) {
      case (.convolution(let convolution), .inference):
        lowering.append(convolution, at: index)
      case (.convolution(let convolution), .training):
        lowering.append(
          .convolution(FusedConvolution(convolution: convolution, weights: node)), at: index)
      case (.batchNorm, .training): lowering.appendBatchNorm(at: index)
      case (.maxPool(let window), _): lowering.append(.maxPool(window: window), at: index)
      case (.averagePool3x3(let stride), _):
        lowering.append(.averagePool3x3(stride: stride), at: index)
      case (.globalAveragePool, _): lowering.append(.globalAverage, at: index)
      case (.add, _): lowering.append(.add, at: index)
      case (.input, _), (.concatenate, _), (.slice, _): break
      case (.batchNorm, .inference), (.relu, _):
        preconditionFailure("\(node.name) follows nothing that it can be fused into")
      }
    }
    return lowering.steps
  }
}

/// The steps found so far and the nodes that are fused into them.
private struct Lowering {
  private(set) var steps: [LoweredStep] = []
  private let graph: Graph
  private var readers: [Graph.Value: [Int]] = [:]
  private let outputs: Set<Graph.Value>
  private var fused = Set<Int>()

  init(_ graph: Graph) {
    self.graph = graph
    outputs = Set(graph.levels + [graph.logits])
    for (index, node) in graph.nodes.enumerated() {
      for input in node.inputs { readers[input, default: []].append(index) }
    }
  }

  func isFused(_ index: Int) -> Bool { fused.contains(index) }

  mutating func append(_ operation: LoweredStep.Operation, at index: Int) {
    append(operation, at: index, output: Graph.Value(node: index))
  }

  private mutating func append(
    _ operation: LoweredStep.Operation, at index: Int, output: Graph.Value
  ) { steps.append(LoweredStep(node: graph.nodes[index], operation: operation, output: output)) }

  /// Appends a convolution with the batch norm, addition and ReLU after it.
  mutating func append(_ convolution: Convolution, at index: Int) {
    var last = Graph.Value(node: index)
    let norm = join(&last) { $0.operation == .batchNorm }
    let (shortcut, relu) = joinAdditionAndReLU(after: &last, of: index)
    append(
      .convolution(
        FusedConvolution(
          convolution: convolution, weights: graph.nodes[index], norm: norm, shortcut: shortcut,
          relu: relu)),
      at: index, output: last)
  }

  /// Appends a batch norm with the addition and ReLU after it.
  mutating func appendBatchNorm(at index: Int) {
    var last = Graph.Value(node: index)
    let (shortcut, relu) = joinAdditionAndReLU(after: &last, of: index)
    append(.batchNorm(shortcut: shortcut, relu: relu), at: index, output: last)
  }

  /// An addition joins only the step of its later operand, when the other one is known.
  private mutating func joinAdditionAndReLU(
    after last: inout Graph.Value, of index: Int
  ) -> (shortcut: Graph.Value?, relu: Bool) {
    let value = last
    func other(_ node: Graph.Node) -> Graph.Value? {
      node.inputs.first { $0 != value }.flatMap { $0.index < index ? $0 : nil }
    }
    let addition = join(&last) { $0.operation == .add && other($0) != nil }
    let relu = join(&last) { $0.operation == .relu }
    return (addition.flatMap(other), relu != nil)
  }

  /// Fuses the only reader of a value if it suits; then `value` becomes its output.
  private mutating func join(
    _ value: inout Graph.Value, if isSuitable: (Graph.Node) -> Bool
  ) -> Graph.Node? {
    guard !outputs.contains(value), let all = readers[value], all.count == 1,
      isSuitable(graph.nodes[all[0]])
    else { return nil }
    fused.insert(all[0])
    value = Graph.Value(node: all[0])
    return graph.nodes[all[0]]
  }
}
