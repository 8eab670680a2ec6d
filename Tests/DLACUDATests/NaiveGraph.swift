import DLAGraph
import DLATensor

/// A network by the definitions of its operations, in float64.
struct NaiveGraph {
  /// [C, H, W] of one image.
  struct Map {
    let channels: Int
    let size: SpatialSize
    var numbers: [Double]

    init(_ channels: Int, _ size: SpatialSize) {
      self.channels = channels
      self.size = size
      numbers = Array(repeating: 0, count: channels * size.area)
    }

    /// Zero beyond the border.
    subscript(_ channel: Int, _ y: Int, _ x: Int) -> Double {
      guard (0..<size.height).contains(y), (0..<size.width).contains(x) else { return 0 }
      return numbers[(channel * size.height + y) * size.width + x]
    }

    mutating func fill(_ number: (_ channel: Int, _ y: Int, _ x: Int) -> Double) {
      for channel in 0..<channels {
        for y in 0..<size.height {
          for x in 0..<size.width {
            numbers[(channel * size.height + y) * size.width + x] = number(channel, y, x)
          }
        }
      }
    }
  }

  let graph: Graph
  let weights: any WeightSource

  /// The output of every node for one image.
  func outputs(_ image: Map) throws -> [Map] {
    var maps = [image]
    for node in graph.nodes.dropFirst() {
      let inputs = node.inputs.map { maps[$0.index] }
      maps.append(
        try output(of: node, inputs, size: graph.size(of: node, input: image.size)))
    }
    return maps
  }

  private func output(of node: Graph.Node, _ inputs: [Map], size: SpatialSize) throws -> Map {
    let tensors = try node.tensors.map { try weights.read($0).map(Double.init) }
    let input = inputs[0]
    var map = Map(node.channels, size)
    switch node.operation {
    case .input: break
    case .convolution(let convolution):
      let (side, own) = (convolution.kernelSize, convolution.inChannels / convolution.groups)
      let perGroup = convolution.outChannels / convolution.groups
      map.fill { channel, y, x in
        var sum = convolution.hasBias ? tensors[1][channel] : 0
        for i in 0..<own * side * side {
          let (inner, tap) = i.quotientAndRemainder(dividingBy: side * side)
          sum +=
            tensors[0][channel * own * side * side + i]
            * input[
              channel / perGroup * own + inner,
              y * convolution.stride + tap / side - convolution.padding,
              x * convolution.stride + tap % side - convolution.padding]
        }
        return sum
      }
    case .batchNorm:
      map.fill { channel, y, x in
        let deviation = (tensors[3][channel] + Graph.Operation.batchNormEpsilon).squareRoot()
        let normed = (input[channel, y, x] - tensors[2][channel]) / deviation
        return normed * tensors[0][channel] + tensors[1][channel]
      }
    case .relu: map.fill { max(0, input[$0, $1, $2]) }
    case .add: map.fill { inputs[0][$0, $1, $2] + inputs[1][$0, $1, $2] }
    case .concatenate: map.numbers = inputs.flatMap(\.numbers)
    case .slice(let range): map.fill { input[range.lowerBound + $0, $1, $2] }
    case .maxPool(let window):
      map.fill { channel, y, x in
        var largest = -Double.infinity
        for tap in 0..<window * window {
          largest = max(
            largest, input[channel, y * window + tap / window, x * window + tap % window])
        }
        return largest
      }
    case .averagePool3x3(let stride):
      map.fill { channel, y, x in
        var sum = 0.0
        for tap in 0..<9 {
          sum += input[channel, y * stride + tap / 3 - 1, x * stride + tap % 3 - 1]
        }
        return sum / 9
      }
    case .globalAveragePool:
      let area = input.size.area
      map.fill { channel, _, _ in
        input.numbers[channel * area..<(channel + 1) * area].reduce(0, +) / Double(area)
      }
    }
    return map
  }
}
