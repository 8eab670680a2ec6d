import DLACPU
import DLAGraph
import DLATensor
import Testing
import _DLATestSupport

/// Single convolutions with batch norm, shortcut and ReLU against float64.
struct ConvolutionTests {
  struct Shape: CustomTestStringConvertible {
    let convolution: Convolution
    let size: SpatialSize

    var testDescription: String {
      let c = convolution
      return "\(c.inChannels)→\(c.outChannels) \(c.kernelSize)×\(c.kernelSize)/\(c.stride) "
        + "in \(c.groups), \(size.height)×\(size.width)"
    }

    /// The algorithms that support the convolution.
    var algorithms: [String] {
      guard convolution.kernelSize == 3 else { return ["direct", "winograd-rows"] }
      return ["direct"] + (convolution.groups > 1 ? ["grouped", "filled"] : [])
        + (convolution.stride == 1 ? ["winograd2", "winograd4"] : ["winograd4/2"])
    }
  }

  private static func conv(
    _ inChannels: Int, _ outChannels: Int, _ kernelSize: Int, stride: Int = 1, groups: Int = 1,
    at height: Int, _ width: Int
  ) -> Shape {
    Shape(
      convolution: Convolution(
        inChannels: inChannels, outChannels: outChannels, kernelSize: kernelSize, stride: stride,
        groups: groups),
      size: SpatialSize(height: height, width: width))
  }

  /// Channels and sizes straddle vectors, channel blocks and tiles; all group widths of the models
  /// occur.
  static let shapes = [
    conv(3, 16, 1, at: 5, 7),
    conv(33, 47, 1, at: 7, 7),
    conv(5, 16, 1, at: 1, 4),
    conv(3, 40, 1, at: 61, 8),
    conv(20, 20, 1, at: 33, 60),
    conv(64, 80, 1, at: 1, 1),
    conv(16, 32, 1, at: 17, 29),
    conv(16, 16, 3, at: 9, 15),
    conv(28, 28, 3, at: 6, 7),
    conv(48, 40, 3, at: 3, 1),
    conv(40, 24, 3, at: 1, 1),
    conv(32, 64, 3, at: 14, 28),
    conv(32, 16, 3, at: 11, 13),
    conv(64, 64, 3, groups: 4, at: 10, 9),
    conv(16, 48, 3, stride: 2, at: 14, 30),
    conv(32, 32, 3, stride: 2, at: 18, 20),
    conv(40, 24, 3, stride: 2, at: 2, 2),
    conv(64, 64, 3, groups: 32, at: 7, 29),
    conv(64, 64, 3, stride: 2, groups: 16, at: 6, 58),
    conv(64, 64, 3, groups: 8, at: 8, 15),
    conv(128, 128, 3, stride: 2, groups: 64, at: 8, 4),
    conv(96, 96, 3, stride: 2, groups: 12, at: 4, 62),
    conv(24, 24, 3, groups: 6, at: 5, 5),
    conv(64, 64, 3, groups: 4, at: 5, 15),
    conv(64, 64, 3, stride: 2, groups: 2, at: 6, 6),
    conv(12, 24, 3, groups: 4, at: 5, 6),
    conv(64, 128, 3, groups: 8, at: 6, 5),
    conv(48, 48, 3, stride: 2, groups: 2, at: 6, 8),
    conv(30, 30, 3, groups: 10, at: 4, 5),
  ]

  /// One reference is compared with every instruction set, algorithm, batch size and thread count.
  @Test(arguments: shapes)
  func equalsTheDefinition(shape: Shape) throws {
    let c = shape.convolution
    let key = shape.testDescription
    let (plain, hasShortcut) = (Self.graph(c, hasShortcut: false), c.groups == 1)
    let graph = hasShortcut ? Self.graph(c, hasShortcut: true) : plain
    let weights = KeyedWeights(key: key)
    let images = 3
    let input = uniform("input/\(key)", count: images * c.inChannels * shape.size.area)
    func reference(_ graph: Graph, reusing known: [NaiveFeatureMap] = []) throws
      -> [NaiveFeatureMap]
    {
      try NaiveNetwork(graph: graph, images: images, size: shape.size, input: input)
        .outputs(weights.parameters(of: graph), reusing: known)
    }
    let outputs = try reference(graph)
    let expected = outputs[graph.levels[0].index]
    // Both graphs begin with the input and the first convolution.
    let first =
      hasShortcut
      ? try reference(plain, reusing: Array(outputs[..<2]))[plain.levels[0].index] : expected
    for (graph, images, threads, expected) in [
      (plain, 1, 1, first), (graph, images, 2, expected), (graph, 2, 3, expected),
    ] {
      let values = (0..<images).flatMap { expected[image: $0] }
      let input = Array(input[..<(images * c.inChannels * shape.size.area)])
      for instructionSet in InstructionSet.available {
        for algorithm in shape.algorithms {
          let plan = try Plan(
            graph, weights: weights,
            options: Plan.Options(
              batchSize: images, size: shape.size, instructionSet: instructionSet,
              threads: threads, returnsFeatures: true, algorithm: algorithm))
          let result = try plan.run(input).levels[0].elements
          let name: Comment =
            "\(instructionSet.rawValue), \(algorithm), batch \(images), \(threads) threads"
          #expect(relativeError(result, values) < 2e-6, name)
          #expect(largestError(result, values) < 2e-5, name)
        }
      }
    }
  }

  /// A 7×7 convolution, which brings the images into channel blocks, then the convolution, its batch
  /// norm, the shortcut (a 1×1 convolution of the same channel blocks) and a ReLU.
  private static func graph(_ c: Convolution, hasShortcut: Bool) -> Graph {
    var graph = Graph(inChannels: c.inChannels)
    let first = Convolution(inChannels: c.inChannels, outChannels: c.inChannels, kernelSize: 7)
    let blocks = graph.append(.convolution(first), name: "first", inputs: graph.input)
    var shortcut: Graph.Value?
    if hasShortcut {
      let around = Convolution(
        inChannels: c.inChannels, outChannels: c.outChannels, kernelSize: 1, stride: c.stride)
      shortcut = graph.append(.convolution(around), name: "shortcut", inputs: blocks)
    }
    var x = graph.append(.convolution(c), name: "convolution", inputs: blocks)
    x = graph.append(.batchNorm, name: "norm", inputs: x)
    if let shortcut { x = graph.append(.add, name: "add", inputs: x, shortcut) }
    x = graph.append(.relu, name: "relu", inputs: x)
    graph.levels = [x]
    graph.logits = graph.append(.globalAveragePool, name: "pool", inputs: x)
    return graph
  }
}

/// Uniform weights that follow from a key and the tensor's name; variances are 1 to 2.
private struct KeyedWeights: WeightSource {
  let key: String

  func read(_ tensor: TensorSpecification) -> [Float] {
    let values = uniform("\(key)/\(tensor.name)", count: tensor.count)
    return tensor.name.hasSuffix("running_var")
      ? values.map { 1.5 + 0.5 * $0 } : values.map { $0 / 4 }
  }
}
