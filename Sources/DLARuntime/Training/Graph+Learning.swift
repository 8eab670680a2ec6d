import DLACore

extension Graph {
  /// The values that change when parameters do, but for those of some nodes.
  ///
  /// - Parameter frozen: names of nodes whose parameters do not change.
  /// - Returns: the values.
  func values(dependingOnParametersOutside frozen: Set<String>) -> Set<Value> {
    var found = Set<Value>()
    for (index, node) in nodes.enumerated() {
      let learns = !frozen.contains(node.name) && node.tensors.contains { $0.kind == .parameter }
      if learns || node.inputs.contains(where: found.contains) { found.insert(Value(node: index)) }
    }
    return found
  }
}
