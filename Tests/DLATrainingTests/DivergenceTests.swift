import DLACPU
import DLAGraph
import DLAModels
import DLATensor
import DLATraining
import Testing

/// Errors of a trainer when numbers stop being finite.
struct DivergenceTests {
  private static let classes = 3
  private static let count = 4

  /// A trainer whose weights are as `change` leaves them, and a batch.
  private func message(_ change: (ParameterBlock, Graph) throws -> Void) throws -> String {
    let graph = try Variant.named("dla46_c").graph(classes: Self.classes)
    let trainer = try Trainer(
      graph, recipe: TrainingRecipe(), side: 32, updatesPerEpoch: 1, threads: 2)
    try change(trainer.parameters, graph)
    var random = KeyedRandom(key: "divergence")
    let images = Tensor(
      shape: [Self.count, 3, 32, 32],
      elements: (0..<Self.count * 3 * 32 * 32).map { _ in Float(random.nextUniform()) })
    let error = try #require(throws: TrainingError.self) {
      try trainer.learn(images, labels: [0, 1, 2, 0])
    }
    #expect(error.code == .diverged)
    return error.message
  }

  private static func fill(
    _ name: String, with value: Float, _ block: ParameterBlock, _ graph: Graph
  ) throws {
    let tensor = try #require(graph.tensors.first { $0.name == name })
    block[tensor].update(repeating: value)
  }

  /// Huge weights overflow in the sums of their own layer, whichever it is.
  @Test(arguments: [
    ("level0.0.weight", "level0.0"), ("level2.tree1.conv2.weight", "level2.tree1.conv2"),
    ("level5.root.conv.weight", "level5.root.conv"), ("fc.weight", "fc"),
  ])
  func theFirstLayerIsNamed(tensor: String, layer: String) throws {
    let message = try message { try Self.fill(tensor, with: 3e38, $0, $1) }
    #expect(message.hasPrefix("the loss of step 1 is "))
    #expect(message.contains(": \(layer) is the first layer whose numbers"), "\(message)")
  }

  /// A weight that is no number is named itself.
  @Test func aBrokenWeightIsNamed() throws {
    let message = try message { try Self.fill("level1.1.bias", with: .nan, $0, $1) }
    #expect(message.contains("the update before it left level1.1.bias with a number"), "\(message)")
  }

  /// The network can be trained on with sound weights, as if nothing had happened.
  @Test func aSearchLeavesThePlanUsable() throws {
    let graph = try Variant.named("dla46_c").graph(classes: Self.classes)
    func losses(breaking isBroken: Bool) throws -> [Double] {
      let trainer = try Trainer(
        graph, recipe: TrainingRecipe(), side: 32, updatesPerEpoch: 1, threads: 2)
      var random = KeyedRandom(key: "divergence")
      let images = Tensor(
        shape: [Self.count, 3, 32, 32],
        elements: (0..<Self.count * 3 * 32 * 32).map { _ in Float(random.nextUniform()) })
      if isBroken {
        let sound = Array(trainer.parameters.all)
        try Self.fill("level4.tree1.root.conv.weight", with: 3e38, trainer.parameters, graph)
        #expect(throws: TrainingError.self) { try trainer.learn(images, labels: [0, 1, 2, 0]) }
        _ = trainer.parameters.all.update(fromContentsOf: sound)
      }
      return try (0..<3).map { _ in
        let loss = try trainer.learn(images, labels: [0, 1, 2, 0])
        trainer.update()
        return loss
      }
    }
    #expect(try losses(breaking: true) == losses(breaking: false))
  }

  @Test func batchesOfAnotherShapeAreRefused() throws {
    let graph = try Variant.named("dla46_c").graph(classes: Self.classes)
    let trainer = try Trainer(graph, recipe: TrainingRecipe(), side: 32, updatesPerEpoch: 1)
    for (shape, labels) in [
      ([4, 3, 32, 32], [0, 1, 2]), ([4, 3, 32, 64], [0, 1, 2, 0]), ([1, 3, 32, 32], [0]),
      ([4, 3, 32, 32], [0, 1, 2, 3]), ([0, 3, 32, 32], []),
    ] {
      let error = #expect(throws: TrainingError.self) {
        try trainer.learn(Tensor(zeros: shape), labels: labels)
      }
      #expect(error?.code == .unsuitableBatch, "\(shape) \(labels)")
    }
  }
}
