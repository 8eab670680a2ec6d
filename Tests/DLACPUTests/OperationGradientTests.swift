import CDLAKernels
import DLACPU
import DLAGraph
import DLASystem
import DLATensor
import Testing
import _DLATestSupport

/// The backward pass of every operation against differences of the loss in float64.
struct OperationGradientTests {
  /// A small network around one operation.
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    var size = SpatialSize(height: 8, width: 8)
    /// Nodes that are not trained.
    var frozen: Set<String> = []
    var hasDropout = false
    var threads = 2
    /// Strides of its 3×3 convolutions that Winograd's algorithm is tested with.
    var strides: Set<Int> = []
    let body: @Sendable (inout Graph, Graph.Value) -> Graph.Value
    var testDescription: String { name }

    /// Winograd by every tile, also where it is not the fastest, and groups by the definition, which
    /// those use whose lanes can't be permuted.
    var algorithms: [WeightGradientAlgorithm] {
      [.fastest]
        + WinogradTile.all.filter { strides.contains($0.stride) }.map { .winograd($0) }
        + (name.hasPrefix("groups") ? [.direct] : [])
    }
  }

  /// A case whose network is a chain of layers.
  private static func chain(
    _ name: String, at size: (height: Int, width: Int) = (8, 8), threads: Int = 2,
    strides: Set<Int> = [], frozen: Set<String> = [], _ layers: Layer...
  ) -> Case {
    Case(
      name: name, size: SpatialSize(height: size.height, width: size.width), frozen: frozen,
      threads: threads, strides: strides
    ) { graph, x in
      zip(["a", "b"], layers).reduce(x) { graph.append($1.1, to: $0, name: $1.0) }
    }
  }

  static let chains = [
    chain("the stem alone"),
    chain("3×3", strides: [1], Layer(32, 3)),
    chain("3×3, stride 2", strides: [2], Layer(32, 3, stride: 2)),
    chain("3×3, 1×1 pixels", at: (2, 2), strides: [2], Layer(32, 3, stride: 2), Layer(16, 3)),
    chain("3×3, 14×14 pixels", at: (14, 14), strides: [1], Layer(32, 3)),
    chain("3×3, 7×7 pixels", at: (14, 14), strides: [1, 2], Layer(32, 3, stride: 2), Layer(48, 3)),
    chain("3×3, 5×5 pixels", at: (10, 10), strides: [1, 2], Layer(32, 3, stride: 2), Layer(16, 3)),
    chain("3×3, partial channel blocks", strides: [1, 2], Layer(24, 3), Layer(40, 3, stride: 2)),
    chain("40×40 pixels", at: (40, 40), Layer(16, 1), Layer(16, 3)),
    chain("6×10 pixels, stride 2", at: (6, 10), strides: [2], Layer(32, 3, stride: 2)),
    chain("one thread", threads: 1, Layer(48, 3), Layer(16, 1)),
    chain("three threads", threads: 3, Layer(48, 3), Layer(64, 1)),
    chain("1×1", Layer(48, 1)),
    chain("groups of 2", strides: [1], Layer(16, 3, groups: 8)),
    chain("groups of 8, stride 2", strides: [2], Layer(16, 3, stride: 2, groups: 2)),
    chain(
      "groups of 8 in three channel blocks, stride 2", strides: [2], Layer(48, 1),
      Layer(48, 3, stride: 2, groups: 6)),
    chain("groups of 16", strides: [1], Layer(32, 1), Layer(32, 3, groups: 2)),
    chain(
      "groups of 4, stride 2, 6×10 pixels", at: (6, 10), Layer(32, 1),
      Layer(32, 3, stride: 2, groups: 8)),
    chain("groups of 4, 40×40 pixels", at: (40, 40), Layer(16, 3, groups: 4)),
    chain("groups of 32", threads: 3, Layer(64, 1), Layer(64, 3, groups: 2)),
    chain("groups of 24", Layer(48, 1), Layer(48, 3, groups: 2)),
    chain("groups of 4 in partial channel blocks", Layer(24, 1), Layer(24, 3, groups: 6)),
    chain("a frozen batch norm after trained layers", frozen: ["a.bn"], Layer(32, 3, stride: 2)),
  ]

  static let others = [
    Case(name: "shortcut") { graph, x in graph.appendShortcut(x, name: "a") },
    Case(name: "max pool, read twice") { graph, x in
      let pooled = graph.append(.maxPool(window: 2), name: "pool", inputs: x)
      let a = graph.append(Layer(16, 3, stride: 2), to: x, name: "a")
      let all = graph.append(.concatenate, name: "cat", inputs: a, pooled)
      return graph.append(Layer(16, 1), to: all, name: "b")
    },
    Case(name: "concatenation of what is read elsewhere") { graph, x in
      let a = graph.append(Layer(16, 3), to: x, name: "a")
      let b = graph.append(Layer(32, 1), to: a, name: "b")
      let all = graph.append(.concatenate, name: "cat", inputs: b, a, x)
      return graph.append(Layer(16, 1), to: all, name: "c")
    },
    Case(name: "slices, a sum and a mean") { graph, x in
      let a = graph.append(Layer(32, 1), to: x, name: "a")
      let first = graph.append(.slice(0..<16), name: "first", inputs: a)
      let second = graph.append(.slice(16..<32), name: "second", inputs: a)
      let sum = graph.append(.add, name: "sum", inputs: first, second)
      let b = graph.append(Layer(16, 3, stride: 2), to: sum, name: "b")
      let mean = graph.append(.averagePool3x3(stride: 2), name: "mean", inputs: second)
      let all = graph.append(.concatenate, name: "cat", inputs: b, mean)
      return graph.append(Layer(16, 1), to: all, name: "c")
    },
    Case(name: "dropout", hasDropout: true) { $0.append(Layer(48, 1), to: $1, name: "a") },
    Case(name: "a frozen stem", frozen: ["stem.conv", "stem.bn"]) { graph, x in
      let a = graph.appendShortcut(x, name: "a")
      let all = graph.append(.concatenate, name: "cat", inputs: a, x)
      return graph.append(Layer(16, 1), to: all, name: "c")
    },
    Case(name: "a frozen block after trained layers", frozen: ["a.conv", "a.bn", "b.bn"]) {
      $0.append(Layer(32, 3, stride: 2), to: $0.appendShortcut($1, name: "a"), name: "b")
    },
  ]

  private static let images = 3
  private static let classes = 5
  private static let labels = [1, 4, 0]
  /// Nearer to a switch, float32 and float64 need not agree which side they are on.
  private static let minMargin = 1e-5

  /// One reference is compared with every instruction set and algorithm.
  @Test(arguments: chains + others)
  func gradientsAreDifferencesOfTheLoss(test: Case) throws {
    var graph = Graph(inChannels: 3)
    let stem = graph.append(Layer(16, 7), to: graph.input, name: "stem")
    let body = test.body(&graph, stem)
    graph.appendClassifier(body, classes: Self.classes)
    let weights = SyntheticWeights(model: test.name, shortcutNorms: [])
    let parameters = try weights.parameters(of: graph)
    let dropout = test.hasDropout ? Self.dropout(graph[body].channels) : []
    let candidates = (0..<50).lazy.map { seed in
      let network = NaiveNetwork(
        graph: graph, images: Self.images, size: test.size, input: Self.input(test.size, seed),
        frozen: test.frozen, dropout: dropout)
      return (network: network, outputs: network.outputs(parameters))
    }
    let reference = candidates.first { $0.network.margin($0.outputs) > Self.minMargin }
    let (network, outputs) = try #require(reference)
    let loss = network.loss(outputs, labels: Self.labels)
    let slopes = graph.tensors.map { tensor -> Slope? in
      let isFrozen = test.frozen.contains { tensor.name.hasPrefix($0 + ".") }
      guard tensor.kind == .parameter, !isFrozen else { return nil }
      let direction = uniform("direction/\(tensor.name)", count: tensor.count).map(Double.init)
      let value = network.slope(
        along: direction, of: tensor.name, at: parameters, outputs: outputs, labels: Self.labels)
      return Slope(direction: direction, value: value)
    }

    for instructionSet in InstructionSet.available {
      for algorithm in test.algorithms {
        let block = try ParameterBlock(graph.tensors)
        try block.load(weights)
        var training = TrainingPlan.Options()
        training.frozen = test.frozen
        training.weightGradients = algorithm
        let plan = try TrainingPlan(
          graph, parameters: block,
          options: Plan.Options(
            batchSize: Self.images, size: test.size, instructionSet: instructionSet,
            threads: test.threads), training: training, on: ThreadPool(count: test.threads))
        let name = "\(instructionSet.rawValue), \(algorithm)"
        let found = Self.run(plan, network.input, dropout: dropout)
        #expect(abs(found - loss) < 1e-6 * loss, "\(name)")
        for (tensor, slope) in zip(graph.tensors, slopes) {
          let gradients = Array(plan.gradients[tensor])
          if let slope {
            let (dot, norm) = projection(gradients, on: slope.direction)
            #expect(
              abs(dot - slope.value) < 1e-5 * norm + 1e-7,
              "\(name), \(tensor.name): \(dot) and \(slope.value)")
          } else if test.frozen.contains(where: { tensor.name.hasPrefix($0 + ".") }) {
            #expect(gradients.allSatisfy { $0 == 0 }, "\(name), \(tensor.name)")
            let isKept = Array(block[tensor]) == weights.read(tensor)
            #expect(isKept, "\(name), \(tensor.name)")
          }
        }
      }
    }
  }

  /// The derivative of the loss along a direction of one tensor.
  private struct Slope {
    let direction: [Double]
    let value: Double
  }

  @Test(arguments: [1, 2, 3])
  func equalThreadsGiveEqualBits(threads: Int) throws {
    var results: [[Float]] = []
    for _ in 0..<2 {
      var graph = Graph(inChannels: 3)
      let stem = graph.append(Layer(16, 7), to: graph.input, name: "stem")
      let body = graph.append(Layer(32, 3, stride: 2), to: stem, name: "a")
      graph.appendClassifier(body, classes: Self.classes)
      let parameters = try ParameterBlock(graph.tensors)
      try parameters.load(SyntheticWeights(model: "bits", shortcutNorms: []))
      // Large enough for pixels to be divided among the threads.
      let size = SpatialSize(height: 48, width: 48)
      let plan = try TrainingPlan(
        graph, parameters: parameters,
        options: Plan.Options(batchSize: Self.images, size: size, threads: threads),
        on: ThreadPool(count: threads))
      _ = Self.run(plan, Self.input(size, 0))
      results.append(Array(plan.gradients.all))
    }
    #expect(results[0] == results[1])
  }

  private static func run(_ plan: TrainingPlan, _ input: [Float], dropout: [Float] = []) -> Double {
    var targets = [Float](repeating: 0, count: images * classes)
    for (image, label) in labels.enumerated() { targets[image * classes + label] = 1 }
    return input.withUnsafeBufferPointer { input in
      targets.withUnsafeBufferPointer { targets in
        dropout.withUnsafeBufferPointer {
          plan.run(input, targets: targets, dropout: $0.isEmpty ? nil : $0)
        }
      }
    }
  }

  /// A third of the features dropped, the others half as large again.
  private static func dropout(_ channels: Int) -> [Float] {
    (0..<images * channels).map { $0 % 3 == 1 ? 0 : 1.5 }
  }

  private static func input(_ size: SpatialSize, _ seed: Int) -> [Float] {
    uniform("input/gradients/\(seed)", count: images * 3 * size.area, scale: 2)
  }
}

/// A convolution, its batch norm and a ReLU.
private struct Layer: Sendable {
  let channels: Int
  let kernelSize: Int
  let stride: Int
  let groups: Int

  init(_ channels: Int, _ kernelSize: Int, stride: Int = 1, groups: Int = 1) {
    (self.channels, self.kernelSize, self.stride) = (channels, kernelSize, stride)
    self.groups = groups
  }
}

extension Graph {
  /// A convolution and its batch norm.
  private mutating func appendNormalized(_ layer: Layer, to input: Value, name: String) -> Value {
    let convolution = Convolution(
      inChannels: self[input].channels, outChannels: layer.channels, kernelSize: layer.kernelSize,
      stride: layer.stride, groups: layer.groups)
    let x = append(.convolution(convolution), name: "\(name).conv", inputs: input)
    return append(.batchNorm, name: "\(name).bn", inputs: x)
  }

  fileprivate mutating func append(_ layer: Layer, to input: Value, name: String) -> Value {
    let x = appendNormalized(layer, to: input, name: name)
    return append(.relu, name: "\(name).relu", inputs: x)
  }

  /// A 3×3 convolution and its batch norm, added to the input, and a ReLU.
  fileprivate mutating func appendShortcut(_ input: Value, name: String) -> Value {
    let x = appendNormalized(Layer(self[input].channels, 3), to: input, name: name)
    let sum = append(.add, name: "\(name).add", inputs: x, input)
    return append(.relu, name: "\(name).relu", inputs: sum)
  }

  fileprivate mutating func appendClassifier(_ input: Value, classes: Int) {
    let mean = append(.globalAveragePool, name: "global", inputs: input)
    let classifier = Convolution(
      inChannels: self[mean].channels, outChannels: classes, kernelSize: 1, hasBias: true)
    logits = append(.convolution(classifier), name: "fc", inputs: mean)
  }
}
