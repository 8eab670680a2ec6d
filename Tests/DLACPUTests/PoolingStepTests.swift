import DLACPU
import DLAGraph
import DLASystem
import DLATensor
import Testing
import _DLATestSupport

/// Pooling, addition, concatenation and slices against their definitions in float64.
struct PoolingStepTests {
  /// Channels straddle channel blocks; sides are odd where the operation allows it.
  struct Case: CustomTestStringConvertible {
    let channels: Int
    let size: SpatialSize
    let images: Int
    let instructionSet: InstructionSet

    var testDescription: String {
      "\(channels) channels, \(size.height)×\(size.width), batch \(images), "
        + instructionSet.rawValue
    }
  }

  static let cases = InstructionSet.available.flatMap { instructionSet in
    [(3, 2, 4, 1), (16, 6, 2, 2), (17, 8, 14, 3), (48, 2, 2, 2)].map {
      Case(
        channels: $0, size: SpatialSize(height: $1, width: $2), images: $3,
        instructionSet: instructionSet)
    }
  }

  /// A value of the test's feature map at image, channel, row and column; zero outside.
  typealias Source = (Int, Int, Int, Int) -> Double

  @Test(arguments: cases)
  func maxPoolTakesTheLargestOfEachSquare(test: Case) throws {
    try check(test, reduction: 2, isExact: true) { graph, x in
      graph.append(.maxPool(window: 2), name: "pool", inputs: x)
    } reference: { source, n, c, y, x in
      [(0, 0), (0, 1), (1, 0), (1, 1)].map { source(n, c, 2 * y + $0, 2 * x + $1) }.max() ?? 0
    }
  }

  @Test(arguments: cases, [1, 2])
  func averagePoolCountsTheBorder(test: Case, stride: Int) throws {
    try check(test, reduction: stride) { graph, x in
      graph.append(.averagePool3x3(stride: stride), name: "pool", inputs: x)
    } reference: { source, n, c, y, x in
      var sum = 0.0
      for dy in -1...1 {
        for dx in -1...1 { sum += source(n, c, stride * y + dy, stride * x + dx) }
      }
      return sum / 9
    }
  }

  @Test(arguments: cases)
  func globalAverageIsTheMeanOfAllPixels(test: Case) throws {
    try check(test, reduction: 0) { graph, x in
      graph.append(.globalAveragePool, name: "pool", inputs: x)
    } reference: { source, n, c, _, _ in
      var sum = 0.0
      for y in 0..<test.size.height { for x in 0..<test.size.width { sum += source(n, c, y, x) } }
      return sum / Double(test.size.area)
    }
  }

  @Test(arguments: cases)
  func slicesAreAddedAndConcatenatedInOrder(test: Case) throws {
    let half = test.channels / 2
    try check(test, reduction: 1, channels: test.channels, isExact: true) { graph, x in
      let low = graph.append(.slice(0..<half), name: "low", inputs: x)
      let high = graph.append(.slice(half..<test.channels), name: "high", inputs: x)
      let twice = graph.append(.add, name: "twice", inputs: high, high)
      return graph.append(.concatenate, name: "all", inputs: twice, low)
    } reference: { source, n, c, y, x in
      let highs = test.channels - half
      return c < highs ? 2 * source(n, half + c, y, x) : source(n, c - highs, y, x)
    }
  }

  /// Brings random images into channel blocks by an identity convolution, applies `operation` and
  /// compares.
  private func check(
    _ test: Case, reduction: Int, channels: Int? = nil, isExact: Bool = false,
    _ operation: (inout Graph, Graph.Value) -> Graph.Value,
    reference: (Source, Int, Int, Int, Int) -> Double
  ) throws {
    let (channelCount, size) = (test.channels, test.size)
    var graph = Graph(inChannels: channelCount)
    let identity = Convolution(inChannels: channelCount, outChannels: channelCount, kernelSize: 1)
    let channelBlocks = graph.append(.convolution(identity), name: "identity", inputs: graph.input)
    graph.levels = [operation(&graph, channelBlocks)]
    graph.logits = graph.append(.globalAveragePool, name: "end", inputs: channelBlocks)
    var random = KeyedRandom(key: test.testDescription)
    let input = (0..<test.images * channelCount * size.area).map { _ in
      Float(random.nextUniform())
    }
    let plan = try Plan(
      graph, weights: IdentityWeights(),
      options: Plan.Options(
        batchSize: test.images, size: size, instructionSet: test.instructionSet, threads: 2,
        returnsFeatures: true))
    let run = try ExecutionContext(plan, on: ThreadPool(count: 2))
    input.withUnsafeBufferPointer { run($0) }

    func source(_ n: Int, _ c: Int, _ y: Int, _ x: Int) -> Double {
      guard 0..<size.height ~= y, 0..<size.width ~= x else { return 0 }
      return Double(input[((n * channelCount + c) * size.height + y) * size.width + x])
    }
    let out =
      reduction == 0
      ? SpatialSize(height: 1, width: 1)
      : SpatialSize(height: size.height / reduction, width: size.width / reduction)
    var expected: [Double] = []
    for n in 0..<test.images {
      for c in 0..<(channels ?? channelCount) {
        for y in 0..<out.height {
          for x in 0..<out.width { expected.append(reference(source, n, c, y, x)) }
        }
      }
    }
    let found = run.levels[0]
    #expect(found.elements.count == expected.count)
    #expect(relativeError(found.elements, expected) < 1e-6)
    if isExact { #expect(found.elements == expected.map { Float($0) }) }
  }
}

/// The weights of a 1×1 convolution that changes nothing.
private struct IdentityWeights: WeightSource {
  func read(_ tensor: TensorSpecification) -> [Float] {
    (0..<tensor.count).map { $0 / tensor.shape[0] == $0 % tensor.shape[0] ? 1 : 0 }
  }
}
