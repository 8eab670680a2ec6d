import DLACPU
import DLAGraph
import DLATensor
import DeepLayerAggregation
import Foundation
import Testing
import _DLATestSupport

struct NetworkTests {
  private static func images(_ count: Int, side: Int = 64) -> Tensor {
    var random = KeyedRandom(key: "images/\(count)")
    let elements = (0..<count * 3 * side * side).map { _ in Float(random.nextUniform()) }
    return Tensor(shape: [count, 3, side, side], elements: elements)
  }

  private static func network(_ configuration: Network.Configuration = .init()) throws -> Network {
    let variant = try Variant.named("dla46x_c")
    return try Network(variant, weights: SyntheticWeights(variant), configuration: configuration)
  }

  @Test func concurrentTasksGetTheResultsOfOne() async throws {
    let network = try Self.network(.init(threads: 2))
    let expected = try (1...4).map { try network(Self.images($0)).logits }
    try await withThrowingTaskGroup(of: (Int, Tensor).self) { group in
      for turn in 0..<32 {
        group.addTask { (turn % 4, try network(Self.images(turn % 4 + 1)).logits) }
      }
      for try await (index, logits) in group { #expect(logits == expected[index]) }
    }
  }

  @Test(arguments: InstructionSet.available, [2, 3, 5])
  func threadsDoNotChangeABit(instructionSet: InstructionSet, threads: Int) throws {
    let one = try Self.network(.init(threads: 1, instructionSet: instructionSet))
    let many = try Self.network(.init(threads: threads, instructionSet: instructionSet))
    #expect(try one(Self.images(3)).logits == many(Self.images(3)).logits)
  }

  @Test func eachImageOfABatchIsOnItsOwn() throws {
    let network = try Self.network()
    let batch = Self.images(3)
    let all = try network(batch, returnsFeatures: true)
    for index in 0..<3 {
      let floats = batch.elements.count / 3
      let image = Tensor(
        shape: [1, 3, 64, 64],
        elements: Array(batch.elements[index * floats..<(index + 1) * floats]))
      let alone = try network(image, returnsFeatures: true)
      let row = all.logits.elements[index * 1000..<(index + 1) * 1000]
      #expect(relativeError(alone.logits.elements, row.map(Double.init)) < 1e-6)
      for (whole, single) in zip(all.levels, alone.levels) {
        let floats = single.elements.count
        let part = whole.elements[index * floats..<(index + 1) * floats]
        #expect(relativeError(single.elements, part.map(Double.init)) < 1e-6)
      }
    }
  }

  @Test(arguments: [
    [1, 3, 33, 32], [1, 4, 32, 32], [3, 32, 32], [0, 3, 32, 32], [1, 3, 0, 32],
  ])
  func unsuitableShapesAreErrors(shape: [Int]) throws {
    let network = try Self.network()
    let error = #expect(throws: RuntimeError.self) { try network(Tensor(zeros: shape)) }
    #expect(error?.code == .unsuitableInput)
  }

  @Test func classesAndInputChannelsAreFree() throws {
    let variant = try Variant.named("dla34")
    let network = try Network(
      variant, weights: SyntheticWeights(variant), classes: 17, inChannels: 5)
    let output = try network(Tensor(zeros: [2, 5, 32, 64]), returnsFeatures: true)
    #expect(output.logits.shape == [2, 17])
    #expect(output.levels.map(\.shape)[5] == [2, 512, 1, 2])
  }

  @Test func theBuiltInModelHasItsLabels() throws {
    let classifier = try Classifier.builtIn()
    #expect(classifier.labels.count == 10)
    let path = Fixtures.package.appending(path: "Examples/Images/horse.png").path
    let image = try classifier.preprocessor.image(path: path)
    let predictions = try classifier.classifyAndWait(image, top: 10)
    #expect(predictions.first?.label == "horse")
    #expect(abs(predictions.reduce(0) { $0 + $1.probability } - 1) < 1e-5)
  }
}
