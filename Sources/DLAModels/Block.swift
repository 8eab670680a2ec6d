import DLAGraph

/// The residual unit at a leaf of a tree (arXiv:1707.06484, section 4).
///
/// In [N, Cin, H, W], out [N, channels, H / stride, W / stride]; the shortcut has the output's
/// shape.
struct Block {
  let variant: Variant
  let name: String
  let channels: Int
  let stride: Int

  func append(to graph: inout Graph, input: Graph.Value, shortcut: Graph.Value) -> Graph.Value {
    let body =
      switch variant.block {
      case .basic: basic(input, in: &graph)
      case .bottleneck: bottleneck(input, in: &graph)
      case .res2net(let scale): res2net(input, scale: scale, in: &graph)
      }
    let sum = graph.append(.add, name: "\(name).add", inputs: body, shortcut)
    return graph.append(.relu, name: "\(name).relu", inputs: sum)
  }

  /// Channels of the 3×3 convolution of a bottleneck, half of `channels` times the groups' width.
  private var innerChannels: Int { channels * variant.baseWidth / 64 * variant.cardinality / 2 }

  private func basic(_ input: Graph.Value, in graph: inout Graph) -> Graph.Value {
    let first = graph.convolve(
      input, to: channels, side: 3, stride: stride, name: "\(name).conv1", norm: "\(name).bn1")
    let active = graph.append(.relu, name: "\(name).relu1", inputs: first)
    return graph.convolve(active, to: channels, side: 3, name: "\(name).conv2", norm: "\(name).bn2")
  }

  private func bottleneck(_ input: Graph.Value, in graph: inout Graph) -> Graph.Value {
    var x = graph.convolve(
      input, to: innerChannels, side: 1, name: "\(name).conv1", norm: "\(name).bn1")
    x = graph.append(.relu, name: "\(name).relu1", inputs: x)
    x = graph.convolve(
      x, to: innerChannels, side: 3, stride: stride, groups: variant.cardinality,
      name: "\(name).conv2", norm: "\(name).bn2")
    x = graph.append(.relu, name: "\(name).relu2", inputs: x)
    return graph.convolve(x, to: channels, side: 1, name: "\(name).conv3", norm: "\(name).bn3")
  }

  /// The chain of arXiv:1904.01169, figure 2b: each part but the last passes a convolution, whose
  /// result the next part adds; a block with a stride adds nothing and averages its last part.
  private func res2net(_ input: Graph.Value, scale: Int, in graph: inout Graph) -> Graph.Value {
    let width = innerChannels
    var x = graph.convolve(
      input, to: width * scale, side: 1, name: "\(name).conv1", norm: "\(name).bn1")
    x = graph.append(.relu, name: "\(name).relu1", inputs: x)
    let parts = (0..<scale).map { i in
      graph.append(
        .slice(i * width..<(i + 1) * width), name: "\(name).split.\(i)", inputs: x)
    }
    var outputs: [Graph.Value] = []
    for (i, part) in parts.dropLast().enumerated() {
      var y = part
      if stride == 1, let previous = outputs.last {
        y = graph.append(.add, name: "\(name).adds.\(i)", inputs: previous, part)
      }
      y = graph.convolve(
        y, to: width, side: 3, stride: stride, groups: variant.cardinality,
        name: "\(name).convs.\(i)", norm: "\(name).bns.\(i)")
      outputs.append(graph.append(.relu, name: "\(name).relus.\(i)", inputs: y))
    }
    let last = parts[scale - 1]
    outputs.append(
      stride == 1
        ? last
        : graph.append(.averagePool3x3(stride: stride), name: "\(name).pool", inputs: last))
    let all = graph.append(.concatenate, name: "\(name).cat", inputs: outputs)
    return graph.convolve(all, to: channels, side: 1, name: "\(name).conv3", norm: "\(name).bn3")
  }
}
