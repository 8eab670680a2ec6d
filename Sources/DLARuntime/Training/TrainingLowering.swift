import DLACore

/// One step of the forward pass in training, of which the backward pass has a counterpart.
struct TrainingOperation {
  enum Kind {
    case convolution(Convolution)
    /// A batch norm with what follows it: an addition and a ReLU, if they do.
    case norm(shortcut: Graph.Value?, relu: Bool)
    case maxPool(window: Int)
    case averagePool3x3(stride: Int)
    case globalAverage
    case add
  }

  let kind: Kind
  /// The node that holds weights.
  let node: Graph.Node
  let inputs: [Graph.Value]
  let output: Graph.Value

  var name: String { node.name }
}

/// Turns a graph into steps for training: additions and ReLUs join the batch norm before them.
///
/// - Precondition: every ReLU follows a batch norm or an addition that does.
func lowerForTraining(_ graph: Graph) -> [TrainingOperation] {
  var readers: [Graph.Value: [Int]] = [:]
  for (index, node) in graph.nodes.enumerated() {
    for input in node.inputs { readers[input, default: []].append(index) }
  }
  var operations: [TrainingOperation] = []
  var joined = Set<Int>()

  func soleReader(of value: Graph.Value) -> Int? {
    guard let all = readers[value], all.count == 1 else { return nil }
    return all[0]
  }

  func norm(at index: Int) -> TrainingOperation {
    var last = Graph.Value(node: index)
    var shortcut: Graph.Value?
    if let reader = soleReader(of: last), case .add = graph.nodes[reader].operation,
      let other = graph.nodes[reader].inputs.first(where: { $0 != last }), other.index < index
    {
      shortcut = other
      joined.insert(reader)
      last = Graph.Value(node: reader)
    }
    var relu = false
    if let reader = soleReader(of: last), case .relu = graph.nodes[reader].operation {
      relu = true
      joined.insert(reader)
      last = Graph.Value(node: reader)
    }
    let node = graph.nodes[index]
    return TrainingOperation(
      kind: .norm(shortcut: shortcut, relu: relu), node: node, inputs: node.inputs, output: last)
  }

  for (index, node) in graph.nodes.enumerated() where !joined.contains(index) {
    func append(_ kind: TrainingOperation.Kind) {
      operations.append(
        TrainingOperation(
          kind: kind, node: node, inputs: node.inputs, output: Graph.Value(node: index)))
    }
    switch node.operation {
    case .convolution(let convolution): append(.convolution(convolution))
    case .batchNorm: operations.append(norm(at: index))
    case .maxPool(let window): append(.maxPool(window: window))
    case .averagePool3x3(let stride): append(.averagePool3x3(stride: stride))
    case .globalAveragePool: append(.globalAverage)
    case .add: append(.add)
    case .input, .concatenate, .slice: break
    case .relu: preconditionFailure("\(node.name) follows no batch norm of its own")
    }
  }
  return operations
}
