import DLAGraph
import DLASystem
import DLATensor

/// Any graph by the definitions of its operations, in float64.
package struct NaiveNetwork: Sendable {
  /// The values of every tensor by its name.
  package typealias Parameters = [String: [Double]]

  package let graph: Graph
  package let images: Int
  package let size: SpatialSize
  /// [N, C, H, W].
  package let input: [Float]
  /// Nodes whose batch norm uses its running statistics; nil for all, as in inference.
  package let frozen: Set<String>?
  /// Factors of the pooled features, [N, C]; empty for none.
  package let dropout: [Float]

  package init(
    graph: Graph, images: Int, size: SpatialSize, input: [Float], frozen: Set<String>? = nil,
    dropout: [Float] = []
  ) {
    (self.graph, self.images, self.size, self.input) = (graph, images, size, input)
    (self.frozen, self.dropout) = (frozen, dropout)
  }

  /// Computes the output of every node; those of the first nodes may be known.
  package func outputs(
    _ parameters: Parameters, reusing known: [NaiveFeatureMap] = []
  ) -> [NaiveFeatureMap] {
    var outputs = known
    for node in graph.nodes.dropFirst(known.count) {
      outputs.append(output(of: node, node.inputs.map { outputs[$0.index] }, parameters))
    }
    return outputs
  }

  private func output(
    of node: Graph.Node, _ inputs: [NaiveFeatureMap], _ parameters: Parameters
  ) -> NaiveFeatureMap {
    func tensor(_ suffix: String) -> [Double] { parameters["\(node.name).\(suffix)"] ?? [] }
    func filled(_ value: (Int, Int, Int, Int) -> Double) -> NaiveFeatureMap {
      NaiveFeatureMap(
        images: images, channels: node.channels, size: graph.size(of: node, input: size), value)
    }
    switch node.operation {
    case .input:
      return filled { n, c, y, x in
        Double(input[((n * node.channels + c) * size.height + y) * size.width + x])
      }
    case .convolution(let convolution):
      let bias = convolution.hasBias ? tensor("bias") : []
      var output = filled { _, c, _, _ in bias.isEmpty ? 0 : bias[c] }
      add(convolution, of: inputs[0], tensor("weight"), to: &output)
      return output
    case .batchNorm:
      let usesRunning = frozen?.contains(node.name) ?? true
      let (mean, variance) =
        usesRunning ? (tensor("running_mean"), tensor("running_var")) : statistics(of: inputs[0])
      let (weight, bias) = (tensor("weight"), tensor("bias"))
      let scale = zip(weight, variance).map {
        $0 / ($1 + Graph.Operation.batchNormEpsilon).squareRoot()
      }
      return filled { (inputs[0][$0, $1, $2, $3] - mean[$1]) * scale[$1] + bias[$1] }
    case .relu: return filled { max(0, inputs[0][$0, $1, $2, $3]) }
    case .add: return filled { inputs[0][$0, $1, $2, $3] + inputs[1][$0, $1, $2, $3] }
    case .concatenate:
      let sources = inputs.flatMap { input in (0..<input.channels).map { (input, $0) } }
      return filled { n, c, y, x in sources[c].0[n, sources[c].1, y, x] }
    case .slice(let range): return filled { inputs[0][$0, range.lowerBound + $1, $2, $3] }
    case .maxPool(let window):
      let square = Self.square(of: window)
      return filled { n, c, y, x in
        square.reduce(-Double.infinity) {
          max($0, inputs[0][n, c, y * window + $1.y, x * window + $1.x])
        }
      }
    case .averagePool3x3(let stride):
      let square = Self.square(of: 3)
      return filled { n, c, y, x in
        square.reduce(0) {
          $0 + inputs[0][n, c, y * stride + $1.y - 1, x * stride + $1.x - 1]
        } / 9
      }
    case .globalAveragePool:
      let area = inputs[0].size.area
      return filled { n, c, _, _ in
        let place = n * node.channels + c
        let mean = inputs[0].values[place * area..<(place + 1) * area].reduce(0, +) / Double(area)
        return dropout.isEmpty ? mean : mean * Double(dropout[place])
      }
    }
  }

  private static func square(of side: Int) -> [(y: Int, x: Int)] {
    (0..<side * side).map { ($0 / side, $0 % side) }
  }

  private func add(
    _ convolution: Convolution, of input: NaiveFeatureMap, _ weights: [Double],
    to output: inout NaiveFeatureMap
  ) {
    let (side, stride) = (convolution.kernelSize, convolution.stride)
    let inputs = convolution.inChannels / convolution.groups
    let outputs = convolution.outChannels / convolution.groups
    let (width, area) = (output.size.width, output.size.area)
    for plane in 0..<images * convolution.outChannels {
      let (image, o) = plane.quotientAndRemainder(dividingBy: convolution.outChannels)
      for kernelElement in 0..<inputs * side * side {
        let weight = weights[o * inputs * side * side + kernelElement]
        let channel = o / outputs * inputs + kernelElement / (side * side)
        let ky = kernelElement / side % side - convolution.padding
        let kx = kernelElement % side - convolution.padding
        for y in 0..<output.size.height where 0..<input.size.height ~= y * stride + ky {
          let row = plane * area + y * width
          for x in 0..<width {
            output.values[row + x] +=
              weight * input[image, channel, y * stride + ky, x * stride + kx]
          }
        }
      }
    }
  }

  /// The mean and the biased variance of every channel.
  private func statistics(of x: NaiveFeatureMap) -> (mean: [Double], variance: [Double]) {
    let area = x.size.area
    let count = Double(images * area)
    func mean(_ channel: Int, _ value: (Double) -> Double) -> Double {
      (0..<images).reduce(0) { sum, image in
        let start = (image * x.channels + channel) * area
        return x.values[start..<start + area].reduce(sum) { $0 + value($1) }
      } / count
    }
    let means = (0..<x.channels).map { mean($0) { $0 } }
    let variances = (0..<x.channels).map { c in mean(c) { ($0 - means[c]) * ($0 - means[c]) } }
    return (means, variances)
  }
}

// MARK: - Training

extension NaiveNetwork {
  /// The mean cross-entropy of a batch, whose classes are `labels`.
  package func loss(_ outputs: [NaiveFeatureMap], labels: [Int]) -> Double {
    let scores = outputs[graph.logits.index]
    return labels.enumerated().reduce(0) { total, label in
      let row = Array(scores[image: label.offset])
      let largest = row.max() ?? 0
      let sum = row.reduce(0) { $0 + Platform.exponential($1 - largest) }
      return total + Platform.logarithm(sum) + largest - row[label.element]
    } / Double(images)
  }

  /// The slope of the loss along a direction of one tensor, by a central difference.
  ///
  /// `outputs` are those of every node at `parameters`.
  package func slope(
    along direction: [Double], of tensor: String, at parameters: Parameters,
    outputs: [NaiveFeatureMap], labels: [Int]
  ) -> Double {
    let reader = graph.nodes.firstIndex { $0.tensors.contains { $0.name == tensor } } ?? 0
    let step = 1e-7
    func loss(_ step: Double) -> Double {
      var moved = parameters
      moved[tensor] = parameters[tensor].map { zip($0, direction).map { $0 + step * $1 } }
      let outputs = self.outputs(moved, reusing: Array(outputs[..<reader]))
      return self.loss(outputs, labels: labels)
    }
    return (loss(step) - loss(-step)) / (2 * step)
  }

  /// The least distance of a ReLU's input from zero, and of a pooled maximum from the runner-up.
  package func margin(_ outputs: [NaiveFeatureMap]) -> Double {
    graph.nodes.reduce(.infinity) { margin, node in
      switch node.operation {
      case .relu: outputs[node.inputs[0].index].values.reduce(margin) { min($0, abs($1)) }
      case .maxPool(let window): min(margin, gap(outputs[node.inputs[0].index], window: window))
      default: margin
      }
    }
  }

  /// The least distance between the two largest of a square whose largest is above 0.
  private func gap(_ x: NaiveFeatureMap, window: Int) -> Double {
    let size = SpatialSize(height: x.size.height / window, width: x.size.width / window)
    let gaps = NaiveFeatureMap(images: images, channels: x.channels, size: size) {
      n, c, row, column in
      let sorted = Self.square(of: window)
        .map { x[n, c, row * window + $0.y, column * window + $0.x] }.sorted(by: >)
      return sorted[0] > 0 ? sorted[0] - sorted[1] : .infinity
    }
    return gaps.values.min() ?? .infinity
  }
}

extension WeightSource {
  package func parameters(of graph: Graph) throws -> NaiveNetwork.Parameters {
    try Dictionary(
      uniqueKeysWithValues: graph.tensors.map { ($0.name, try read($0).map(Double.init)) })
  }
}
