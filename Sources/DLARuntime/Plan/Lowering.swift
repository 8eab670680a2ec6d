import DLACore

/// One step of inference before memory is planned: a convolution with all that is fused into it, or
/// an operation that stands alone.
package struct LoweredStep {
  /// What a step does.
  package enum Operation {
    /// A convolution with all that is fused into it.
    case convolution(FusedConvolution)
    case maxPool(window: Int)
    case averagePool3x3(stride: Int)
    case globalAverage
    case add
  }

  /// The layer.
  package let name: String
  /// What it does.
  package let operation: Operation
  /// What it reads, but for a shortcut.
  package let inputs: [Graph.Value]
  /// What it writes.
  package let output: Graph.Value

  package var isConvolution: Bool {
    if case .convolution = operation { true } else { false }
  }

  /// All that the step reads: its inputs, and what is added to its results.
  package var reads: [Graph.Value] {
    guard case .convolution(let fused) = operation, let shortcut = fused.shortcut else {
      return inputs
    }
    return inputs + [shortcut]
  }
}

/// A convolution, the batch norm folded into it, and what its results pass before they are stored.
package struct FusedConvolution {
  /// Its numbers.
  package let convolution: Convolution
  /// The node that holds the weights.
  package let weights: Graph.Node
  /// The batch norm that follows.
  package let norm: Graph.Node?
  /// What is added before the ReLU.
  package let shortcut: Graph.Value?
  /// Whether a ReLU is last.
  package let relu: Bool
}

/// Turns a graph into steps: batch norms, additions and ReLUs join the convolution before them;
/// concatenations and slices vanish, since they are only views.
///
/// - Precondition: every batch norm and ReLU follows a convolution that nothing else reads.
package func lower(_ graph: Graph) -> [LoweredStep] {
  var consumers: [Graph.Value: [Int]] = [:]
  for (index, node) in graph.nodes.enumerated() {
    for input in node.inputs { consumers[input, default: []].append(index) }
  }
  let outputs = Set(graph.levels + [graph.logits])
  var steps: [LoweredStep] = []
  var fused = Set<Int>()

  /// The only reader of `value`, if there is one and nobody outside needs the value.
  func soleReader(of value: Graph.Value) -> Int? {
    guard !outputs.contains(value), let readers = consumers[value], readers.count == 1 else {
      return nil
    }
    return readers[0]
  }

  /// Follows the chain after the convolution at `index`; an addition joins only the later operand.
  func fuse(_ convolution: Convolution, at index: Int) -> LoweredStep {
    var last = Graph.Value(node: index)
    var norm: Graph.Node?
    var shortcut: Graph.Value?
    if let reader = soleReader(of: last), case .batchNorm = graph.nodes[reader].operation {
      norm = graph.nodes[reader]
      fused.insert(reader)
      last = Graph.Value(node: reader)
    }
    if let reader = soleReader(of: last), case .add = graph.nodes[reader].operation,
      let other = graph.nodes[reader].inputs.first(where: { $0 != last }), other.index < index
    {
      shortcut = other
      fused.insert(reader)
      last = Graph.Value(node: reader)
    }
    var relu = false
    if let reader = soleReader(of: last), case .relu = graph.nodes[reader].operation {
      relu = true
      fused.insert(reader)
      last = Graph.Value(node: reader)
    }
    let node = graph.nodes[index]
    return LoweredStep(
      name: node.name,
      operation: .convolution(
        FusedConvolution(
          convolution: convolution, weights: node, norm: norm, shortcut: shortcut, relu: relu)),
      inputs: node.inputs, output: last)
  }

  for (index, node) in graph.nodes.enumerated() where !fused.contains(index) {
    func append(_ operation: LoweredStep.Operation) {
      steps.append(
        LoweredStep(
          name: node.name, operation: operation, inputs: node.inputs,
          output: Graph.Value(node: index)))
    }
    switch node.operation {
    case .convolution(let convolution): steps.append(fuse(convolution, at: index))
    case .maxPool(let window): append(.maxPool(window: window))
    case .averagePool3x3(let stride): append(.averagePool3x3(stride: stride))
    case .globalAveragePool: append(.globalAverage)
    case .add: append(.add)
    case .input, .concatenate, .slice: break
    case .batchNorm, .relu: preconditionFailure("\(node.name) follows no convolution of its own")
    }
  }
  return steps
}
