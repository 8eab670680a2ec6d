import DLAGraph
import DLASystem
import DLATensor

/// Any graph in training, straight from the definitions, in float64.
struct NaiveNetwork {
  /// A feature map, [N, C, H, W].
  fileprivate struct Map {
    let channels: Int
    let height: Int
    let width: Int
    var values: [Double]

    func index(_ n: Int, _ c: Int, _ y: Int, _ x: Int) -> Int {
      ((n * channels + c) * height + y) * width + x
    }

    init(_ images: Int, _ channels: Int, _ height: Int, _ width: Int) {
      self.channels = channels
      self.height = height
      self.width = width
      values = Array(repeating: 0, count: images * channels * height * width)
    }
  }

  let graph: Graph
  let images: Int
  let size: SpatialSize
  let input: [Float]
  /// Each image's class.
  let labels: [Int]
  /// Norms that use their running statistics.
  var frozen: Set<String> = []
  /// What pooled features are multiplied by, [N, C]; empty for nothing.
  var dropout: [Float] = []

  /// The mean cross-entropy of a batch, for parameters in the order of a `ParameterBlock`.
  func loss(_ parameters: [Double], offsets: [String: Int]) -> Double {
    crossEntropy(maps(parameters, offsets: offsets)[graph.logits.index])
  }

  /// How far the nearest ReLU is from switching, and the nearest maximum from being another.
  func margin(_ parameters: [Double], offsets: [String: Int]) -> Double {
    let featureMaps = maps(parameters, offsets: offsets)
    return graph.nodes.reduce(.infinity) { margin, node in
      switch node.operation {
      case .relu: featureMaps[node.inputs[0].index].values.reduce(margin) { min($0, abs($1)) }
      case .maxPool(let window):
        min(margin, gap(featureMaps[node.inputs[0].index], window: window))
      default: margin
      }
    }
  }

  /// The least distance between the two largest of a square, where the largest is above 0.
  private func gap(_ x: Map, window: Int) -> Double {
    let gaps = pool(x, window: window, stride: window, padding: 0) { values in
      let sorted = values.sorted(by: >)
      return sorted[0] > 0 ? sorted[0] - sorted[1] : .infinity
    }
    return gaps.values.min() ?? .infinity
  }

  private func maps(_ parameters: [Double], offsets: [String: Int]) -> [Map] {
    var maps: [Map] = []
    for node in graph.nodes {
      let inputs = node.inputs.map { maps[$0.index] }
      func tensor(_ suffix: String) -> ArraySlice<Double> {
        parameters[offsets["\(node.name).\(suffix)", default: 0]...]
      }
      switch node.operation {
      case .input:
        var map = Map(images, node.channels, size.height, size.width)
        map.values = input.map(Double.init)
        maps.append(map)
      case .convolution(let convolution):
        maps.append(
          convolve(
            inputs[0], convolution, tensor("weight"), convolution.hasBias ? tensor("bias") : nil))
      case .batchNorm:
        maps.append(
          batchNorm(
            inputs[0], tensor("weight"), tensor("bias"),
            by: frozen.contains(node.name) ? (tensor("running_mean"), tensor("running_var")) : nil))
      case .relu: maps.append(inputs[0].mapped { max(0, $0) })
      case .add:
        var map = inputs[0]
        for index in map.values.indices { map.values[index] += inputs[1].values[index] }
        maps.append(map)
      case .concatenate: maps.append(concatenate(inputs))
      case .slice(let range): maps.append(slice(inputs[0], range))
      case .maxPool(let window):
        maps.append(
          pool(inputs[0], window: window, stride: window, padding: 0) { $0.max() ?? 0 })
      case .averagePool3x3(let stride):
        maps.append(
          pool(inputs[0], window: 3, stride: stride, padding: 1) { $0.reduce(0, +) / 9 })
      case .globalAveragePool:
        let x = inputs[0]
        let area = x.height * x.width
        var map = Map(images, x.channels, 1, 1)
        for index in map.values.indices {
          map.values[index] =
            x.values[index * area..<(index + 1) * area].reduce(0, +) / Double(area)
        }
        for (index, factor) in dropout.enumerated() { map.values[index] *= Double(factor) }
        maps.append(map)
      }
    }
    return maps
  }

  private func crossEntropy(_ scores: Map) -> Double {
    labels.enumerated().reduce(0) { total, label in
      let row = scores.values[label.offset * scores.channels..<(label.offset + 1) * scores.channels]
      let largest = row.max() ?? 0
      let sum = row.reduce(0) { $0 + Platform.exponential($1 - largest) }
      return total + Platform.logarithm(sum) + largest - row[row.startIndex + label.element]
    } / Double(images)
  }

  private func convolve(
    _ x: Map, _ convolution: Convolution, _ weights: ArraySlice<Double>,
    _ bias: ArraySlice<Double>?
  ) -> Map {
    var map = Map(
      images, convolution.outChannels, x.height / convolution.stride,
      x.width / convolution.stride)
    map.values = naiveConvolution(
      x.values, images: images, size: SpatialSize(height: x.height, width: x.width), convolution,
      weights: Array(weights.prefix(convolution.weightShape.reduce(1, *))))
    guard let bias else { return map }
    let area = map.height * map.width
    for index in map.values.indices {
      map.values[index] += bias[bias.startIndex + index / area % map.channels]
    }
    return map
  }

  private func batchNorm(
    _ x: Map, _ weight: ArraySlice<Double>, _ bias: ArraySlice<Double>,
    by running: (mean: ArraySlice<Double>, variance: ArraySlice<Double>)?
  ) -> Map {
    var map = x
    for c in 0..<x.channels {
      let places = (0..<images).flatMap { n in
        (x.index(n, c, 0, 0)..<x.index(n, c, 0, 0) + x.height * x.width).map { $0 }
      }
      let count = Double(places.count)
      let mean =
        running.map { $0.mean[$0.mean.startIndex + c] }
        ?? places.reduce(0) { $0 + x.values[$1] } / count
      let variance =
        running.map { $0.variance[$0.variance.startIndex + c] }
        ?? places.reduce(0) { $0 + (x.values[$1] - mean) * (x.values[$1] - mean) } / count
      let scale =
        weight[weight.startIndex + c] / (variance + Graph.Operation.batchNormEpsilon).squareRoot()
      for place in places {
        map.values[place] = (x.values[place] - mean) * scale + bias[bias.startIndex + c]
      }
    }
    return map
  }

  private func concatenate(_ parts: [Map]) -> Map {
    var map = Map(
      images, parts.reduce(0) { $0 + $1.channels }, parts[0].height, parts[0].width)
    map.values = (0..<images).flatMap { n in
      parts.flatMap { part -> ArraySlice<Double> in
        let count = part.channels * part.height * part.width
        return part.values[n * count..<(n + 1) * count]
      }
    }
    return map
  }

  private func slice(_ x: Map, _ range: Range<Int>) -> Map {
    var map = Map(images, range.count, x.height, x.width)
    map.values = (0..<images).flatMap { n in
      Array(x.values[x.index(n, range.lowerBound, 0, 0)..<x.index(n, range.upperBound, 0, 0)])
    }
    return map
  }

  private func pool(
    _ x: Map, window: Int, stride: Int, padding: Int, _ combine: ([Double]) -> Double
  ) -> Map {
    var map = Map(images, x.channels, x.height / stride, x.width / stride)
    for n in 0..<images {
      for c in 0..<x.channels {
        for y in 0..<map.height {
          for column in 0..<map.width {
            var values: [Double] = []
            for row in y * stride - padding..<y * stride - padding + window {
              for place in column * stride - padding..<column * stride - padding + window {
                let isInside = (0..<x.height).contains(row) && (0..<x.width).contains(place)
                values.append(isInside ? x.values[x.index(n, c, row, place)] : 0)
              }
            }
            map.values[map.index(n, c, y, column)] = combine(values)
          }
        }
      }
    }
    return map
  }
}

extension NaiveNetwork.Map {
  fileprivate func mapped(_ body: (Double) -> Double) -> Self {
    var map = self
    map.values = values.map(body)
    return map
  }
}
