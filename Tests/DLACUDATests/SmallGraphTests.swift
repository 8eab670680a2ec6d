import DLABackend
import DLACUDA
import DLAGraph
import DLASystem
import DLATensor
import Testing
import _DLATestSupport

/// Every kernel on small networks whose channels and sides fit nothing, against their definitions
/// in float64, on the simulated GPU.
struct SmallGraphTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let graph: Graph
    var testDescription: String { name }

    /// A network between its images, of five channels, and a classifier of ten classes; `body`
    /// returns the values to look at.
    init(_ name: String, _ body: (inout Graph) -> [Graph.Value]) {
      self.name = name
      var graph = Graph(inChannels: 5)
      graph.levels = body(&graph)
      guard let last = graph.levels.last else { preconditionFailure("\(name) has no values") }
      let pooled = graph.append(.globalAveragePool, name: "pool", inputs: last)
      graph.logits = graph.append(
        .convolution(
          Convolution(
            inChannels: graph[last].channels, outChannels: 10, kernelSize: 1, hasBias: true)),
        name: "fc", inputs: pooled)
      self.graph = graph
    }
  }

  static let products = [
    Case("1×1") { [$0.block($0.input, to: 24, side: 1)] },
    Case("3×3") { [$0.block($0.input, to: 40, side: 3)] },
    Case("7×7 to more than a tile") { [$0.block($0.input, to: 136, side: 7)] },
    Case("3×3, stride 2") {
      let first = $0.block($0.input, to: 36, side: 3, stride: 2)
      return [first, $0.block(first, to: 72, side: 3)]
    },
    Case("shortcuts") {
      let first = $0.block($0.input, to: 20, side: 1)
      return [$0.block(first, to: 20, side: 3, shortcut: first)]
    },
    Case("concatenations") {
      let one = $0.block($0.input, to: 12, side: 1)
      let two = $0.block(one, to: 20, side: 3)
      let three = $0.block(two, to: 5, side: 1)
      let all = $0.append(.concatenate, name: "cat", inputs: [three, one, two])
      return [$0.block(all, to: 28, side: 1), $0.block(all, to: 16, side: 3)]
    },
    Case("slices") {
      let whole = $0.block($0.input, to: 56, side: 1)
      let one = $0.append(.slice(0..<28), name: "slice0", inputs: whole)
      let two = $0.append(.slice(28..<56), name: "slice1", inputs: whole)
      let first = $0.block(one, to: 28, side: 3)
      let sum = $0.append(.add, name: "sum", inputs: first, two)
      let second = $0.block(sum, to: 28, side: 3)
      let pooled = $0.append(.averagePool3x3(stride: 1), name: "average", inputs: two)
      let all = $0.append(.concatenate, name: "cat", inputs: [first, second, pooled])
      return [second, $0.block(all, to: 16, side: 1)]
    },
  ]

  static let others =
    [(2, 16), (3, 24), (4, 32), (8, 32), (16, 48)].flatMap { width, channels in
      [1, 2].map { stride in
        Case("groups of \(width), stride \(stride)") {
          let first = $0.block($0.input, to: channels, side: 1)
          return [
            $0.block(first, to: channels, side: 3, stride: stride, groups: channels / width)
          ]
        }
      }
    } + [
      Case("pools") {
        let first = $0.block($0.input, to: 20, side: 1)
        return [
          $0.append(.maxPool(window: 2), name: "max", inputs: first),
          $0.append(.averagePool3x3(stride: 2), name: "average", inputs: first),
        ]
      }
    ]

  /// The largest seen are a third of these.
  static let tolerances: [Precision: Double] = [
    .fp32: 1e-6, .tf32: 2e-3, .fp16: 2e-3, .bf16: 1.5e-2,
  ]

  @Test(arguments: products + others, Precision.allCases)
  func valuesEqualTheDefinition(test: Case, precision: Precision) throws {
    try check(test, precision, choice: nil)
  }

  static let choices = ["scalar", "3xTF32"].flatMap { arithmetic in
    ["128x128", "128x64", "64x128", "64x64", "128x32", "64x32", "32x64", "128x16"].flatMap {
      ["\(arithmetic) \($0)/1", "\(arithmetic) \($0)/3"]
    }
  }

  @Test(arguments: choices)
  func everyWayToComputeAProductEqualsTheDefinition(choice: String) throws {
    for test in Self.products { try check(test, .fp32, choice: choice) }
  }

  @Test(arguments: [Precision.fp32, .fp16, .bf16])
  func devicesWithoutMatricesComputeTheSame(precision: Precision) throws {
    for test in Self.products {
      try check(test, precision, choice: "scalar 64x32/2", arithmetics: [.scalar])
    }
  }

  /// The values of each case, by its name.
  private static let expected = Locked<[String: [NaiveFeatureMap]]>([:])

  private func check(
    _ test: Case, _ precision: Precision, choice: String?, arithmetics: [Arithmetic]? = nil
  ) throws {
    let size = SpatialSize(height: 14, width: 22)
    let images = 2
    let weights = SyntheticWeights(model: "small", shortcutNorms: [])
    let plan = try CUDAPlan(
      test.graph, weights: weights,
      options: .init(batchSize: images, size: size, returnsFeatures: true, algorithm: choice),
      on: SimulatedGPU().kernels(precision, arithmetics: arithmetics))
    let run = try CUDAExecutionContext(plan)
    let input = uniform("small", count: images * 5 * size.area, scale: 2)
    // Twice, since a run must leave everything as the next one expects it.
    for _ in 0..<2 { try input.withUnsafeBufferPointer { try run($0) } }

    let tolerance = try #require(Self.tolerances[precision])
    let expected = try Self.expected.withLock { known in
      let outputs =
        try known[test.name]
        ?? NaiveNetwork(graph: test.graph, images: images, size: size, input: input)
        .outputs(weights.parameters(of: test.graph))
      known[test.name] = outputs
      return outputs
    }
    for (found, value) in zip([run.logits] + run.levels, [test.graph.logits] + test.graph.levels) {
      let expected = expected[value.index]
      for image in 0..<images {
        let count = found.elements.count / images
        let elements = found.elements[image * count..<(image + 1) * count]
        #expect(
          relativeError(elements, expected[image: image]) < tolerance,
          "\(test.graph[value].name) of \(image)")
      }
    }
  }
}

extension Graph {
  /// A convolution, its norm, a shortcut if there is one, and a ReLU.
  fileprivate mutating func block(
    _ input: Value, to channels: Int, side: Int, stride: Int = 1, groups: Int = 1,
    shortcut: Value? = nil
  ) -> Value {
    let name = "block\(nodes.count)"
    let convolution = Convolution(
      inChannels: self[input].channels, outChannels: channels, kernelSize: side, stride: stride,
      groups: groups)
    var x = append(.convolution(convolution), name: name, inputs: input)
    x = append(.batchNorm, name: "\(name).norm", inputs: x)
    if let shortcut { x = append(.add, name: "\(name).add", inputs: x, shortcut) }
    return append(.relu, name: "\(name).relu", inputs: x)
  }
}
