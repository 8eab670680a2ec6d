import CDLAKernels
import DLACPU
import DLAGraph
import DLASystem
import DLATensor
import Testing

/// The backward pass of every operation against differences of the loss in float64.
struct OperationGradientTests {
  /// A small network around one operation.
  struct Case: CustomTestStringConvertible {
    let name: String
    var size = SpatialSize(height: 8, width: 8)
    /// Nodes that do not learn.
    var frozen: Set<String> = []
    var hasDropout = false
    var threads = 2
    /// Of its 3×3 convolutions whose weights Winograd's algorithm can give gradients of.
    var strides: Set<Int> = []
    let body: @Sendable (inout Graph, Graph.Value) -> Graph.Value
    var testDescription: String { name }
  }

  static let cases: [Case] = [
    Case(name: "the stem alone") { $1 },
    Case(name: "3×3", strides: [1]) { $0.layer($1, to: 32, side: 3, name: "a") },
    Case(name: "3×3, stride 2", strides: [2]) {
      $0.layer($1, to: 32, side: 3, stride: 2, name: "a")
    },
    Case(name: "3×3, 1×1 pixels", size: SpatialSize(height: 2, width: 2), strides: [2]) {
      graph, x in
      graph.layer(
        graph.layer(x, to: 32, side: 3, stride: 2, name: "a"), to: 16, side: 3, name: "b")
    },
    Case(name: "3×3, 14×14 pixels", size: SpatialSize(height: 14, width: 14), strides: [1]) {
      $0.layer($1, to: 32, side: 3, name: "a")
    },
    Case(name: "3×3, 7×7 pixels", size: SpatialSize(height: 14, width: 14), strides: [1, 2]) {
      graph, x in
      graph.layer(
        graph.layer(x, to: 32, side: 3, stride: 2, name: "a"), to: 48, side: 3, name: "b")
    },
    Case(name: "3×3, 5×5 pixels", size: SpatialSize(height: 10, width: 10), strides: [1, 2]) {
      graph, x in
      graph.layer(
        graph.layer(x, to: 32, side: 3, stride: 2, name: "a"), to: 16, side: 3, name: "b")
    },
    Case(name: "3×3, channelBlocks that are not full", strides: [1, 2]) { graph, x in
      graph.layer(
        graph.layer(x, to: 24, side: 3, name: "a"), to: 40, side: 3, stride: 2, name: "b")
    },
    Case(name: "40×40 pixels", size: SpatialSize(height: 40, width: 40)) { graph, x in
      graph.layer(graph.layer(x, to: 16, side: 1, name: "a"), to: 16, side: 3, name: "b")
    },
    Case(name: "6×10 pixels, stride 2", size: SpatialSize(height: 6, width: 10), strides: [2]) {
      $0.layer($1, to: 32, side: 3, stride: 2, name: "a")
    },
    Case(name: "groups of 8 in three channelBlocks, stride 2", strides: [2]) { graph, x in
      graph.layer(
        graph.layer(x, to: 48, side: 1, name: "a"), to: 48, side: 3, stride: 2, groups: 6,
        name: "b")
    },
    Case(name: "one thread", threads: 1) { graph, x in
      graph.layer(graph.layer(x, to: 48, side: 3, name: "a"), to: 16, side: 1, name: "b")
    },
    Case(name: "three threads", threads: 3) { graph, x in
      graph.layer(graph.layer(x, to: 48, side: 3, name: "a"), to: 64, side: 1, name: "b")
    },
    Case(name: "1×1") { $0.layer($1, to: 48, side: 1, name: "a") },
    Case(name: "groups of 2", strides: [1]) { $0.layer($1, to: 16, side: 3, groups: 8, name: "a") },
    Case(name: "groups of 8, stride 2", strides: [2]) {
      $0.layer($1, to: 16, side: 3, stride: 2, groups: 2, name: "a")
    },
    Case(name: "groups of 16", strides: [1]) { graph, x in
      graph.layer(graph.layer(x, to: 32, side: 1, name: "a"), to: 32, side: 3, groups: 2, name: "b")
    },
    Case(name: "groups of 4, stride 2, 6×10 pixels", size: SpatialSize(height: 6, width: 10)) {
      graph, x in
      graph.layer(
        graph.layer(x, to: 32, side: 1, name: "a"), to: 32, side: 3, stride: 2, groups: 8,
        name: "b")
    },
    Case(name: "groups of 4, 40×40 pixels", size: SpatialSize(height: 40, width: 40)) {
      $0.layer($1, to: 16, side: 3, groups: 4, name: "a")
    },
    Case(name: "groups of 32", threads: 3) { graph, x in
      graph.layer(graph.layer(x, to: 64, side: 1, name: "a"), to: 64, side: 3, groups: 2, name: "b")
    },
    Case(name: "groups of 24") { graph, x in
      graph.layer(graph.layer(x, to: 48, side: 1, name: "a"), to: 48, side: 3, groups: 2, name: "b")
    },
    Case(name: "groups of 4 in channelBlocks that are not full") { graph, x in
      graph.layer(graph.layer(x, to: 24, side: 1, name: "a"), to: 24, side: 3, groups: 6, name: "b")
    },
    Case(name: "shortcut") { graph, x in
      let a = graph.normed(x, to: 16, side: 3, name: "a")
      let sum = graph.append(.add, name: "a.add", inputs: a, x)
      return graph.append(.relu, name: "a.relu", inputs: sum)
    },
    Case(name: "max pool, read twice") { graph, x in
      let pooled = graph.append(.maxPool(window: 2), name: "pool", inputs: x)
      let a = graph.layer(x, to: 16, side: 3, stride: 2, name: "a")
      let all = graph.append(.concatenate, name: "cat", inputs: a, pooled)
      return graph.layer(all, to: 16, side: 1, name: "b")
    },
    Case(name: "concatenation of what is read elsewhere") { graph, x in
      let a = graph.layer(x, to: 16, side: 3, name: "a")
      let b = graph.layer(a, to: 32, side: 1, name: "b")
      let all = graph.append(.concatenate, name: "cat", inputs: b, a, x)
      return graph.layer(all, to: 16, side: 1, name: "c")
    },
    Case(name: "slices, a sum and a mean") { graph, x in
      let a = graph.layer(x, to: 32, side: 1, name: "a")
      let first = graph.append(.slice(0..<16), name: "first", inputs: a)
      let second = graph.append(.slice(16..<32), name: "second", inputs: a)
      let sum = graph.append(.add, name: "sum", inputs: first, second)
      let b = graph.layer(sum, to: 16, side: 3, stride: 2, name: "b")
      let mean = graph.append(.averagePool3x3(stride: 2), name: "mean", inputs: second)
      let all = graph.append(.concatenate, name: "cat", inputs: b, mean)
      return graph.layer(all, to: 16, side: 1, name: "c")
    },
    Case(name: "dropout", hasDropout: true) { $0.layer($1, to: 48, side: 1, name: "a") },
    Case(name: "a frozen stem", frozen: ["stem.conv", "stem.bn"]) { graph, x in
      let a = graph.normed(x, to: 16, side: 3, name: "a")
      let sum = graph.append(.add, name: "a.add", inputs: a, x)
      let b = graph.append(.relu, name: "a.relu", inputs: sum)
      return graph.layer(
        graph.append(.concatenate, name: "cat", inputs: b, x), to: 16, side: 1, name: "c")
    },
    Case(name: "a frozen norm behind what learns", frozen: ["a.bn"]) {
      $0.layer($1, to: 32, side: 3, stride: 2, name: "a")
    },
    Case(name: "a frozen block behind what learns", frozen: ["a.conv", "a.bn", "b.bn"]) {
      graph, x in
      let a = graph.normed(x, to: 16, side: 3, name: "a")
      let sum = graph.append(.add, name: "a.add", inputs: a, x)
      let relu = graph.append(.relu, name: "a.relu", inputs: sum)
      return graph.layer(relu, to: 32, side: 3, stride: 2, name: "b")
    },
  ]

  private static let images = 3
  private static let classes = 5
  /// Nearer to a switch, float32 and float64 need not agree which side they are on.
  private static let leastMargin = 1e-5

  /// Winograd's algorithm by every tile, which small networks would not be expected to gain by.
  static let winogradCases = cases.flatMap { test in
    WinogradTile.allCases.filter { test.strides.contains($0.stride) }.map { (test, $0) }
  }

  @Test(arguments: cases, InstructionSet.available)
  func gradientsAreDifferencesOfTheLoss(test: Case, instructionSet: InstructionSet) throws {
    try check(test, instructionSet, .fastest)
  }

  @Test(arguments: winogradCases, InstructionSet.available)
  func gradientsByWinogradAreDifferencesOfTheLoss(
    by: (test: Case, tile: WinogradTile), instructionSet: InstructionSet
  ) throws {
    try check(by.test, instructionSet, .winograd(by.tile))
  }

  /// Groups by the definition, which those take whose lanes can't be crossed.
  @Test(arguments: cases.filter { $0.name.hasPrefix("groups") }, InstructionSet.available)
  func gradientsOfGroupsByTheDefinitionAreDifferencesOfTheLoss(
    test: Case, instructionSet: InstructionSet
  ) throws {
    try check(test, instructionSet, .direct)
  }

  private func check(
    _ test: Case, _ instructionSet: InstructionSet, _ algorithm: WeightGradientAlgorithm
  ) throws {
    var graph = Graph(inChannels: 3)
    let stem = graph.layer(graph.input, to: 16, side: 7, name: "stem")
    let body = test.body(&graph, stem)
    let mean = graph.append(.globalAveragePool, name: "global", inputs: body)
    let classifier = Convolution(
      inChannels: graph[mean].channels, outChannels: Self.classes, kernelSize: 1, hasBias: true)
    graph.logits = graph.append(.convolution(classifier), name: "fc", inputs: mean)
    let parameters = try ParameterBlock(graph.tensors)
    try parameters.load(SyntheticWeights(model: test.name, shortcutNorms: []))
    let before = parameters.all.map(Double.init)
    let reference = try #require(
      (0..<50).lazy.map { seed in
        NaiveNetwork(
          graph: graph, images: Self.images, size: test.size, input: Self.input(test.size, seed),
          labels: [1, 4, 0], frozen: test.frozen,
          dropout: test.hasDropout ? Self.dropout(graph[mean].channels) : [])
      }.first { $0.margin(before, offsets: parameters.offsets) > Self.leastMargin })

    var training = TrainingPlan.Options()
    training.frozen = test.frozen
    training.weightGradients = algorithm
    let plan = try TrainingPlan(
      graph, parameters: parameters,
      options: Plan.Options(
        batchSize: Self.images, size: test.size, instructionSet: instructionSet,
        threads: test.threads),
      training: training, on: ThreadPool(count: test.threads))
    let loss = Self.run(plan, reference)
    let expected = reference.loss(before, offsets: parameters.offsets)
    #expect(abs(loss - expected) < 1e-6 * expected)

    for tensor in graph.tensors {
      let offset = try #require(parameters.offsets[tensor.name])
      if test.frozen.contains(where: { tensor.name.hasPrefix($0 + ".") }) {
        #expect(plan.gradients[tensor].allSatisfy { $0 == 0 }, "\(tensor.name)")
        let isKept = zip(parameters[tensor], before[offset...]).allSatisfy { Double($0) == $1 }
        #expect(isKept, "\(tensor.name)")
        continue
      }
      guard tensor.kind == .parameter else { continue }
      var random = KeyedRandom(key: "direction/\(tensor.name)")
      let direction = (0..<tensor.count).map { _ in random.nextUniform() }
      func loss(_ step: Double) -> Double {
        var moved = before
        for index in 0..<tensor.count { moved[offset + index] += step * direction[index] }
        return reference.loss(moved, offsets: parameters.offsets)
      }
      let step = 1e-7
      let slope = (loss(step) - loss(-step)) / (2 * step)
      let gradients = plan.gradients[tensor]
      let found = zip(gradients, direction).reduce(0) { $0 + Double($1.0) * $1.1 }
      let norm = gradients.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      #expect(abs(found - slope) < 1e-5 * norm + 1e-7, "\(tensor.name): \(found) and \(slope)")
    }
  }

  @Test(arguments: [1, 2, 3])
  func equalThreadsGiveEqualBits(threads: Int) throws {
    var results: [[Float]] = []
    for _ in 0..<2 {
      var graph = Graph(inChannels: 3)
      let stem = graph.layer(graph.input, to: 16, side: 7, name: "stem")
      let body = graph.layer(stem, to: 32, side: 3, stride: 2, name: "a")
      let mean = graph.append(.globalAveragePool, name: "global", inputs: body)
      graph.logits = graph.append(
        .convolution(
          Convolution(inChannels: 32, outChannels: Self.classes, kernelSize: 1, hasBias: true)),
        name: "fc",
        inputs: mean)
      let parameters = try ParameterBlock(graph.tensors)
      try parameters.load(SyntheticWeights(model: "bits", shortcutNorms: []))
      // Large enough for pixels to be divided among the threads.
      let size = SpatialSize(height: 48, width: 48)
      let plan = try TrainingPlan(
        graph, parameters: parameters,
        options: Plan.Options(batchSize: Self.images, size: size, threads: threads),
        on: ThreadPool(count: threads))
      let reference = NaiveNetwork(
        graph: graph, images: Self.images, size: size, input: Self.input(size, 0),
        labels: [1, 4, 0])
      _ = Self.run(plan, reference)
      results.append(Array(plan.gradients.all))
    }
    #expect(results[0] == results[1])
  }

  private static func run(_ plan: TrainingPlan, _ network: NaiveNetwork) -> Double {
    var targets = [Float](repeating: 0, count: images * classes)
    for (image, label) in network.labels.enumerated() { targets[image * classes + label] = 1 }
    return network.input.withUnsafeBufferPointer { input in
      targets.withUnsafeBufferPointer { targets in
        network.dropout.withUnsafeBufferPointer {
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
    var random = KeyedRandom(key: "input/gradients/\(seed)")
    return (0..<images * 3 * size.area).map { _ in Float(2 * random.nextUniform()) }
  }
}

extension Graph {
  /// A convolution and the batch norm after it.
  fileprivate mutating func normed(
    _ input: Value, to channels: Int, side: Int, stride: Int = 1, groups: Int = 1, name: String
  ) -> Value {
    let convolution = Convolution(
      inChannels: self[input].channels, outChannels: channels, kernelSize: side, stride: stride,
      groups: groups)
    let x = append(.convolution(convolution), name: "\(name).conv", inputs: input)
    return append(.batchNorm, name: "\(name).bn", inputs: x)
  }

  /// The same with a ReLU.
  fileprivate mutating func layer(
    _ input: Value, to channels: Int, side: Int, stride: Int = 1, groups: Int = 1, name: String
  ) -> Value {
    let x = normed(input, to: channels, side: side, stride: stride, groups: groups, name: name)
    return append(.relu, name: "\(name).relu", inputs: x)
  }
}
