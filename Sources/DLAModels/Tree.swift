import DLAGraph

/// One hierarchical aggregation tree (arXiv:1707.06484, section 3.2 and figure 3).
///
/// In [N, Cin, H, W], out [N, channels, H / stride, W / stride]. Names and the order of a root's
/// children are those of the published weights.
struct Tree {
  let variant: Variant
  let name: String
  let depth: Int
  let channels: Int
  var stride = 1
  var feedsInputToRoot = false

  /// Adds the tree to a graph.
  ///
  /// `earlier` holds the outputs of subtrees to the left, which the rightmost root also aggregates.
  func append(to graph: inout Graph, input: Graph.Value, earlier: [Graph.Value] = []) -> Graph.Value
  {
    let bottom =
      stride > 1
      ? graph.append(.maxPool(window: stride), name: "\(name).downsample", inputs: input) : input
    var kept = feedsInputToRoot ? earlier + [bottom] : earlier
    guard depth > 1 else {
      let shortcut = project(bottom, in: &graph)
      let first = block("tree1", stride: stride).append(
        to: &graph, input: input, shortcut: shortcut)
      let second = block("tree2", stride: 1).append(to: &graph, input: first, shortcut: first)
      return root(of: [second, first] + kept, in: &graph)
    }
    let left = subtree("tree1", stride: stride).append(to: &graph, input: input)
    kept.append(left)
    return subtree("tree2", stride: 1).append(to: &graph, input: left, earlier: kept)
  }

  private func subtree(_ part: String, stride: Int) -> Tree {
    Tree(
      variant: variant, name: "\(name).\(part)", depth: depth - 1, channels: channels,
      stride: stride)
  }

  private func block(_ part: String, stride: Int) -> Block {
    Block(variant: variant, name: "\(name).\(part)", channels: channels, stride: stride)
  }

  /// The shortcut around the first block: its channels must be those of the block's output.
  private func project(_ bottom: Graph.Value, in graph: inout Graph) -> Graph.Value {
    guard graph[bottom].channels != channels else { return bottom }
    return graph.convolve(
      bottom, to: channels, side: 1, name: "\(name).project.0", norm: "\(name).project.1")
  }

  /// The aggregation node: ReLU(norm(1×1 convolution of all children) [+ the first child]).
  private func root(of children: [Graph.Value], in graph: inout Graph) -> Graph.Value {
    let all = graph.append(.concatenate, name: "\(name).root.cat", inputs: children)
    var x = graph.convolve(
      all, to: channels, side: 1, name: "\(name).root.conv", norm: "\(name).root.bn")
    if variant.rootShortcut {
      x = graph.append(.add, name: "\(name).root.add", inputs: x, children[0])
    }
    return graph.append(.relu, name: "\(name).root.relu", inputs: x)
  }
}
