import DLACore
import Foundation
import DeepLayerAggregation

/// A step of training of one network, batch size and image size, to be timed: forward, loss and
/// backward.
final class TrainingBenchmark {
  private let model: String
  private let plan: TrainingPlan
  private let images: [Float]
  private let targets: [Float]

  private static let classes = 1000
  private static let fewestRuns = 5

  /// Plans a network with made-up weights, images and classes, which take the same time as others.
  init(_ variant: Variant, batchSize: Int, side: Int, engine: Network.Engine) throws {
    model = variant.name
    let graph = variant.graph(classes: Self.classes)
    let parameters = try ParameterBlock(graph.tensors)
    try parameters.load(SyntheticWeights(variant))
    plan = try TrainingPlan(
      graph, parameters: parameters,
      options: TrainingPlan.Options(
        batchSize: batchSize, size: Size(height: side, width: side),
        instructionSet: engine.instructionSet, threads: engine.threads),
      on: ThreadPool(count: engine.threads))
    var random = KeyedRandom(key: "input/benchmark")
    images = (0..<batchSize * graph[graph.input].channels * side * side)
      .map { _ in Float(2 * random.nextUniform()) }
    var targets = [Float](repeating: 0, count: batchSize * Self.classes)
    for image in 0..<batchSize { targets[image * Self.classes + image % Self.classes] = 1 }
    self.targets = targets
  }

  /// Times steps for some seconds after two to warm up.
  func measure(seconds: Double, precision: String) -> BenchmarkRow {
    for _ in 0..<2 { step() }
    var times: [Double] = []
    let start = Platform.monotonicSeconds
    while times.count < Self.fewestRuns || Platform.monotonicSeconds - start < seconds {
      let begin = Platform.monotonicSeconds
      step()
      times.append(Platform.monotonicSeconds - begin)
    }
    times.sort()
    if let _ = getenv("DLA_PROFILE") {
      var kinds: [String: Double] = [:]
      let runs = (0..<7).map { _ in
        images.withUnsafeBufferPointer { images in
          targets.withUnsafeBufferPointer { plan.profile(images, targets: $0) }
        }
      }
      var all = 0.0
      for i in runs[0].indices {
        let t = runs.map { $0[i].seconds }.sorted()[3]
        all += t
        kinds[runs[0][i].kind, default: 0] += t
        print("STEP", runs[0][i].kind, runs[0][i].name, fixed(t * 1e6, 0))
      }
      for (k, t) in kinds.sorted(by: { $0.value > $1.value }) {
        print("KIND", k, fixed(t * 1e3, 2), fixed(100 * t / all, 1))
      }
      print("ALL", fixed(all * 1e3, 2))
    }
    let options = plan.options
    let median = times[times.count / 2]
    return BenchmarkRow(
      model: model, isTraining: true, batchSize: options.batchSize, imageSize: options.size.height,
      precision: precision, isa: options.instructionSet.rawValue, threads: options.threads,
      streams: 1, bestMilliseconds: times[0] * 1000, medianMilliseconds: median * 1000,
      imagesPerSecond: Double(options.batchSize) / median, arenaBytes: plan.arenaBytes,
      runs: times.count)
  }

  private func step() {
    images.withUnsafeBufferPointer { images in
      targets.withUnsafeBufferPointer { _ = plan.run(images, targets: $0) }
    }
  }
}
