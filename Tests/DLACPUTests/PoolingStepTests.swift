import DLACPU
import DLAGraph
import DLATensor
import Testing
import _DLATestSupport

/// Pooling, addition, concatenation and slices against float64.
struct PoolingStepTests {
  /// Channels straddle channel blocks; sizes are odd where the operation allows it.
  static let shapes = [
    Shape(channels: 3, size: SpatialSize(height: 2, width: 4), images: 1),
    Shape(channels: 16, size: SpatialSize(height: 6, width: 2), images: 2),
    Shape(channels: 17, size: SpatialSize(height: 8, width: 14), images: 3),
    Shape(channels: 48, size: SpatialSize(height: 2, width: 2), images: 2),
  ]

  struct Shape: CustomTestStringConvertible {
    let channels: Int
    let size: SpatialSize
    let images: Int

    var testDescription: String {
      "\(channels) channels, \(size.height)×\(size.width), batch \(images)"
    }
  }

  @Test(arguments: shapes, InstructionSet.available)
  func maxPoolTakesTheLargestOfEachSquare(shape: Shape, instructionSet: InstructionSet) throws {
    try check(shape, instructionSet, isExact: true) {
      $0.append(.maxPool(window: 2), name: "pool", inputs: $1)
    }
  }

  @Test(arguments: shapes, InstructionSet.available)
  func averagePoolCountsTheBorder(shape: Shape, instructionSet: InstructionSet) throws {
    for stride in [1, 2] {
      try check(shape, instructionSet) {
        $0.append(.averagePool3x3(stride: stride), name: "pool", inputs: $1)
      }
    }
  }

  @Test(arguments: shapes, InstructionSet.available)
  func globalAverageIsTheMeanOfAllPixels(shape: Shape, instructionSet: InstructionSet) throws {
    try check(shape, instructionSet) { $0.append(.globalAveragePool, name: "pool", inputs: $1) }
  }

  @Test(arguments: shapes, InstructionSet.available)
  func slicesAreAddedAndConcatenatedInOrder(shape: Shape, instructionSet: InstructionSet) throws {
    let half = shape.channels / 2
    try check(shape, instructionSet, isExact: true) { graph, x in
      let low = graph.append(.slice(0..<half), name: "low", inputs: x)
      let high = graph.append(.slice(half..<shape.channels), name: "high", inputs: x)
      let twice = graph.append(.add, name: "twice", inputs: high, high)
      return graph.append(.concatenate, name: "all", inputs: twice, low)
    }
  }

  /// Brings images into channel blocks by an identity convolution, then applies `operation`.
  private func check(
    _ shape: Shape, _ instructionSet: InstructionSet, isExact: Bool = false,
    _ operation: (inout Graph, Graph.Value) -> Graph.Value
  ) throws {
    let channels = shape.channels
    var graph = Graph(inChannels: channels)
    let identity = Convolution(inChannels: channels, outChannels: channels, kernelSize: 1)
    let blocks = graph.append(.convolution(identity), name: "identity", inputs: graph.input)
    let value = operation(&graph, blocks)
    graph.levels = [value]
    graph.logits = graph.append(.globalAveragePool, name: "end", inputs: blocks)
    let input = uniform(shape.testDescription, count: shape.images * channels * shape.size.area)
    let plan = try Plan(
      graph, weights: IdentityWeights(),
      options: Plan.Options(
        batchSize: shape.images, size: shape.size, instructionSet: instructionSet, threads: 2,
        returnsFeatures: true))
    let found = try plan.run(input).levels[0].elements
    let network = NaiveNetwork(graph: graph, images: shape.images, size: shape.size, input: input)
    let expected = try network.outputs(IdentityWeights().parameters(of: graph))[value.index].values
    #expect(relativeError(found, expected) < 1e-6)
    if isExact { #expect(found == expected.map { Float($0) }) }
  }
}

/// The weights of a 1×1 convolution that changes nothing.
private struct IdentityWeights: WeightSource {
  func read(_ tensor: TensorSpecification) -> [Float] {
    (0..<tensor.count).map { $0 / tensor.shape[0] == $0 % tensor.shape[0] ? 1 : 0 }
  }
}
