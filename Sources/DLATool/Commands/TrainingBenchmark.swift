import DLACPU
import DLAGraph
import DLASystem
import DLATensor
import DLAText
import DeepLayerAggregation

/// Times a training step (forward, loss and backward) of one network, batch size and image size.
final class TrainingBenchmark {
  private let model: String
  private let plan: TrainingPlan
  private let images: [Float]
  private let targets: [Float]

  private static let classes = 1000
  private static let minRuns = 5

  /// Plans a network with random weights, images and classes; values do not affect the time.
  init(_ variant: Variant, batchSize: Int, side: Int, configuration: Network.Configuration) throws {
    model = variant.name
    let graph = variant.graph(classes: Self.classes)
    let parameters = try ParameterBlock(graph.tensors)
    try parameters.load(SyntheticWeights(variant))
    plan = try TrainingPlan(
      graph, parameters: parameters,
      options: Plan.Options(
        batchSize: batchSize, size: SpatialSize(height: side, width: side),
        instructionSet: configuration.instructionSet, threads: configuration.threads),
      on: ThreadPool(count: configuration.threads))
    var random = KeyedRandom(key: "input/benchmark")
    images = (0..<batchSize * graph[graph.input].channels * side * side)
      .map { _ in Float(2 * random.nextUniform()) }
    var targets = [Float](repeating: 0, count: batchSize * Self.classes)
    for image in 0..<batchSize { targets[image * Self.classes + image % Self.classes] = 1 }
    self.targets = targets
  }

  /// Measures for some seconds after two warm-up steps.
  func measure(seconds: Double) -> BenchmarkRow {
    for _ in 0..<2 { step() }
    var times: [Double] = []
    let start = Platform.monotonicSeconds
    while times.count < Self.minRuns || Platform.monotonicSeconds - start < seconds {
      let begin = Platform.monotonicSeconds
      step()
      times.append(Platform.monotonicSeconds - begin)
    }
    times.sort()
    let options = plan.options
    let median = times[times.count / 2]
    return BenchmarkRow(
      model: model, device: "cpu", isTraining: true, batchSize: options.batchSize,
      imageSize: options.size.height,
      isa: options.instructionSet.rawValue, threads: options.threads,
      streams: 1, bestMilliseconds: times[0] * 1000, medianMilliseconds: median * 1000,
      imagesPerSecond: Double(options.batchSize) / median, arenaBytes: plan.arenaBytes,
      runs: times.count)
  }

  func profile() -> Table {
    let runs = images.withUnsafeBufferPointer { images in
      targets.withUnsafeBufferPointer { targets in
        (0..<Self.profiledRuns).map { _ in plan.profile(images, targets: targets) }
      }
    }
    let medians = TrainingPart.allCases.map { part in
      (part: part, seconds: runs.map { $0[part, default: 0] }.sorted()[runs.count / 2])
    }
    let total = medians.reduce(0) { $0 + $1.seconds }
    let side = plan.options.size.height
    return Table(
      header: ["\(model), \(plan.options.batchSize)×3×\(side)×\(side)", "ms", "share"],
      rows: medians.map {
        [$0.part.rawValue, fixed($0.seconds * 1000, 1), fixed(100 * $0.seconds / total, 1) + " %"]
      } + [["all", fixed(total * 1000, 1), ""]], alignment: [.left, .right, .right])
  }

  private static let profiledRuns = 7

  private func step() {
    images.withUnsafeBufferPointer { images in
      targets.withUnsafeBufferPointer { _ = plan.run(images, targets: $0) }
    }
  }
}
