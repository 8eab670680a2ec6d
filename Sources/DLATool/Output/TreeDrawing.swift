import DeepLayerAggregation

/// A network's aggregation trees as text: every root with the children it aggregates, in their order.
struct TreeDrawing: CustomStringConvertible {
  private let variant: Variant
  private let graph: Graph

  init(_ variant: Variant) {
    self.variant = variant
    graph = variant.graph()
  }

  var description: String {
    let stem = "base_layer  " + convolutions(under: "base_layer")
    return ([variant.name, stem] + graph.levels.indices.flatMap(lines)).joined(separator: "\n")
  }

  private func lines(ofLevel level: Int) -> [String] {
    let node = graph[graph.levels[level]]
    let title = "level\(level)  \(node.channels) channels, stride \(node.reduction)"
    guard isRoot(node) else { return [title + "  " + convolutions(under: "level\(level)")] }
    return [title] + lines(of: graph.levels[level], indent: "", isLast: true)
  }

  /// A value and, where it is a root's, the values that root aggregates.
  private func lines(of value: Graph.Value, indent: String, isLast: Bool) -> [String] {
    let node = graph[value]
    var result = [indent + (isLast ? "└─ " : "├─ ") + label(of: value)]
    guard isRoot(node) else { return result }
    let children = aggregated(by: node)
    let deeper = indent + (isLast ? "   " : "│  ")
    for (position, child) in children.enumerated() {
      result += lines(of: child, indent: deeper, isLast: position == children.count - 1)
    }
    return result
  }

  private func label(of value: Graph.Value) -> String {
    let node = graph[value]
    if case .maxPool(let window) = node.operation {
      return "input of the level, \(window)×\(window) max-pooled"
    }
    let part = node.name.split(separator: ".").dropLast().joined(separator: ".")
    return "\(part)  " + convolutions(under: part)
  }

  private func isRoot(_ node: Graph.Node) -> Bool { node.name.hasSuffix(".root.relu") }

  private func aggregated(by root: Graph.Node) -> [Graph.Value] {
    let name = root.name.replacing(".root.relu", with: ".root.cat")
    return graph.nodes.first { $0.name == name }?.inputs ?? []
  }

  /// The convolutions whose names start with `part`, as they run.
  private func convolutions(under part: String) -> String {
    let found = graph.nodes.filter { $0.name.hasPrefix(part + ".") }.compactMap { node in
      if case .convolution(let convolution) = node.operation { convolution } else { nil }
    }
    return found.map { convolution in
      var text = "\(convolution.kernelSize)×\(convolution.kernelSize) "
      text += "\(convolution.inChannels)→\(convolution.outChannels)"
      if convolution.groups > 1 { text += " in \(convolution.groups) groups" }
      if convolution.stride > 1 { text += " stride \(convolution.stride)" }
      return text
    }.joined(separator: ", ")
  }
}
