import DLACPU
import DLAGraph
import DLAModels
import DLASystem
import DLATensor
import DLATraining
import Testing

/// Gradients, optimizer and schedule together: a network that learns, and is then used for inference.
struct LearningTests {
  private static let classes = 4
  private static let batchSize = 16
  private static let side = 32

  @Test func aNetworkLearnsPatterns() throws {
    let variant = try Variant.named("dla46_c")
    let graph = variant.graph(classes: Self.classes)
    let pool = ThreadPool(count: 2)
    let parameters = try ParameterBlock(graph.tensors)
    try parameters.load(SyntheticWeights(variant))
    let plan = try TrainingPlan(
      graph, parameters: parameters,
      options: Plan.Options(
        batchSize: Self.batchSize, size: SpatialSize(height: Self.side, width: Self.side),
        threads: 2),
      on: pool)
    let groups = try ParameterPolicy(decay: 1e-4).groups(of: graph.tensors)
    var optimizer = SGD(
      groups: groups, count: parameters.all.count, momentum: 0.9, isNesterov: true, threads: pool)
    let steps = 60
    let schedule = try Schedule.oneCycle(
      peak: 0.02, clock: TrainingClock(epochs: 1, stepsPerEpoch: steps))

    var losses: [Double] = []
    for step in 0..<steps {
      let (images, labels) = Self.batch("train/\(step)")
      losses.append(Self.run(plan, images, labels))
      optimizer.step(
        parameters: parameters.all, gradients: plan.gradients.all,
        learningRate: schedule.learningRate(atStep: step))
    }
    #expect(losses.allSatisfy { $0.isFinite })
    // Single batches may stand out: level 5 has one pixel an image here, so norms see 16 numbers.
    #expect(losses.prefix(3).reduce(0, +) > 3)
    #expect(losses.suffix(11).sorted()[5] < 0.1, "\(losses)")
    #expect(try Self.accuracy(graph, parameters, pool) >= 0.95)
  }

  /// The accuracy of inference with the running statistics on unseen images.
  private static func accuracy(
    _ graph: Graph, _ parameters: ParameterBlock, _ pool: ThreadPool
  ) throws -> Double {
    let plan = try Plan(
      graph, weights: parameters,
      options: Plan.Options(
        batchSize: batchSize, size: SpatialSize(height: side, width: side), threads: 2))
    let run = try ExecutionContext(plan, on: pool)
    var right = 0
    for batch in 0..<5 {
      let (images, labels) = Self.batch("test/\(batch)")
      images.withUnsafeBufferPointer { run($0) }
      let scores = run.logits.elements
      for (image, label) in labels.enumerated() {
        let row = scores[image * classes..<(image + 1) * classes]
        if row.max() == row[row.startIndex + label] { right += 1 }
      }
    }
    return Double(right) / Double(5 * batchSize)
  }

  private static func run(_ plan: TrainingPlan, _ images: [Float], _ labels: [Int]) -> Double {
    var targets = [Float](repeating: 0, count: batchSize * classes)
    for (image, label) in labels.enumerated() { targets[image * classes + label] = 1 }
    return images.withUnsafeBufferPointer { images in
      targets.withUnsafeBufferPointer { plan.run(images, targets: $0) }
    }
  }

  /// Stripes along or across, narrow or wide, in noise.
  private static func batch(_ key: String) -> (images: [Float], labels: [Int]) {
    var random = KeyedRandom(key: "patterns/\(key)")
    let labels = (0..<batchSize).map { _ in Int(random.next() % UInt64(classes)) }
    let images = labels.flatMap { label -> [Float] in
      let width = label < 2 ? 2 : 6
      let shift = Int(random.next() % 12)
      return (0..<3 * side * side).map { index in
        let (y, x) = (index % (side * side) / side, index % side)
        let isBright = ((label % 2 == 0 ? x : y) + shift) / width % 2 == 0
        return (isBright ? 1 : -1) + Float(random.nextUniform())
      }
    }
    return (images, labels)
  }
}
