import DLATensor

extension Graph {
  /// The values whose memory a value consists of: itself, except for concatenations and slices.
  package func bases(of value: Value) -> [Value] {
    switch self[value].operation {
    case .concatenate, .slice: self[value].inputs.flatMap(bases)
    default: [value]
    }
  }

  /// The widths of the slices of each value that is sliced, in channels.
  package var segments: [Value: [Int]] {
    var result: [Value: [Int]] = [:]
    for node in nodes {
      if case .slice(let range) = node.operation {
        result[node.inputs[0], default: []].append(range.count)
      }
    }
    return result
  }

  /// The zeros that must surround each value: the padding of the convolutions and average pools
  /// that read it, the same for all parts of a concatenation.
  ///
  /// - Returns: the border in pixels; values without one are left out.
  package func borders(input size: SpatialSize) -> [Value: Int] {
    var result: [Value: Int] = [:]
    for node in nodes {
      let needed =
        switch node.operation {
        case .convolution(let convolution):
          convolution.trimmed(to: self.size(of: self[node.inputs[0]], input: size)).padding
        case .averagePool3x3: 1
        default: 0
        }
      guard needed > 0, let read = node.inputs.first else { continue }
      for base in bases(of: read) { result[base] = max(result[base, default: 0], needed) }
    }
    let groups = nodes.indices.compactMap { index in
      if case .concatenate = nodes[index].operation { bases(of: Value(node: index)) } else { nil }
    }
    var changed = true
    while changed {
      changed = false
      for group in groups {
        let widest = group.map { result[$0, default: 0] }.max() ?? 0
        for base in group where result[base, default: 0] != widest {
          result[base] = widest
          changed = true
        }
      }
    }
    return result
  }

  /// The values that change when parameters change, except for those of nodes whose names are
  /// `frozen`.
  package func values(dependingOnParametersOutside frozen: Set<String>) -> Set<Value> {
    var found = Set<Value>()
    for (index, node) in nodes.enumerated() {
      let learns = !frozen.contains(node.name) && node.tensors.contains { $0.kind == .parameter }
      if learns || node.inputs.contains(where: found.contains) { found.insert(Value(node: index)) }
    }
    return found
  }
}
