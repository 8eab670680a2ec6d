import DLAGraph

extension Variant {
  /// The sides of an image must be multiples of this; max pooling would drop the rest.
  public static let sideMultiple = 32

  /// The network as a graph (arXiv:1707.06484, figure 4 and table 1).
  ///
  /// - Parameters:
  ///   - classes: rows of the classifier.
  ///   - inChannels: channels of the images.
  /// - Returns: the graph, with its six levels and logits set.
  public func graph(classes: Int = 1000, inChannels: Int = 3) -> Graph {
    var graph = Graph(inChannels: inChannels)
    var x = graph.convolve(
      graph.input, to: channels[0], side: 7, name: "base_layer.0", norm: "base_layer.1")
    x = graph.append(.relu, name: "base_layer.2", inputs: x)
    for level in 0..<6 {
      let stride = level == 0 ? 1 : 2
      x =
        level < 2
        ? graph.convolutionLevel(
          x, to: channels[level], depth: depths[level], stride: stride, name: "level\(level)")
        : Tree(
          variant: self, name: "level\(level)", depth: depths[level], channels: channels[level],
          stride: stride, feedsInputToRoot: level > 2
        ).append(to: &graph, input: x)
      graph.levels.append(x)
    }
    x = graph.append(.globalAveragePool, name: "global_pool", inputs: x)
    let classifier = Convolution(
      inChannels: channels[5], outChannels: classes, kernelSize: 1, hasBias: true)
    graph.logits = graph.append(.convolution(classifier), name: "fc", inputs: x)
    return graph
  }
}

extension Graph {
  /// A convolution without bias and the batch norm after it.
  mutating func convolve(
    _ input: Value, to channels: Int, side: Int, stride: Int = 1, groups: Int = 1, name: String,
    norm: String
  ) -> Value {
    let convolution = Convolution(
      inChannels: self[input].channels, outChannels: channels, kernelSize: side, stride: stride,
      groups: groups)
    let x = append(.convolution(convolution), name: name, inputs: input)
    return append(.batchNorm, name: norm, inputs: x)
  }

  /// `depth` 3×3 convolutions in a row, numbered as a sequence of convolution, norm and ReLU.
  mutating func convolutionLevel(
    _ input: Value, to channels: Int, depth: Int, stride: Int, name: String
  ) -> Value {
    (0..<depth).reduce(input) { x, i in
      let normed = convolve(
        x, to: channels, side: 3, stride: i == 0 ? stride : 1, name: "\(name).\(3 * i)",
        norm: "\(name).\(3 * i + 1)")
      return append(.relu, name: "\(name).\(3 * i + 2)", inputs: normed)
    }
  }
}
