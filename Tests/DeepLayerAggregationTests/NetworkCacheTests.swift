import DLABackend
import DLACheckpoints
import DLAGraph
import DLASystem
import DLATensor
import DeepLayerAggregation
import Foundation
import Testing
import _DLATestSupport

/// Networks of weights files whose packed weights are kept.
struct NetworkCacheTests {
  private let temporary: TemporaryFolder
  private let cache: CacheFolder
  private let images = Tensor(shape: [1, 3, 32, 32], elements: Array(repeating: 0.5, count: 3072))

  init() throws {
    temporary = try TemporaryFolder()
    cache = CacheFolder(path: temporary.path("cache"))
  }

  /// Writes made-up weights of dla46_c that follow from a key.
  private func write(_ key: String, to path: String) throws {
    let variant = try Variant.named("dla46_c")
    let weights = SyntheticWeights(
      model: key, shortcutNorms: SyntheticWeights(variant).shortcutNorms)
    try SafetensorsWriter.write(
      variant.graph().tensors.map {
        ($0.name, Tensor(shape: $0.shape, elements: weights.read($0)))
      }, to: path)
  }

  private func logits(_ path: String, _ cache: CacheFolder?) throws -> Tensor {
    try Network(weights: path, configuration: .init(threads: 1, cache: cache))(images).logits
  }

  @Test func aSecondStartFindsTheFirstOnesWeights() throws {
    let (path, moved) = (temporary.path("a.safetensors"), temporary.path("b.safetensors"))
    try write("a", to: path)
    let expected = try logits(path, nil)
    #expect(cache.packedWeights.size.files == 0)
    #expect(try logits(path, cache) == expected)
    try FileManager.default.moveItem(atPath: path, toPath: moved)
    #expect(try logits(moved, cache) == expected)
    #expect(cache.packedWeights.size.files == 1)
  }

  @Test func changedWeightsOfTheSamePathAndLengthAreAMiss() throws {
    let path = temporary.path("a.safetensors")
    try write("a", to: path)
    let first = try logits(path, cache)
    let length = try Data(contentsOf: URL(filePath: path)).count
    try write("b", to: path)
    #expect(try Data(contentsOf: URL(filePath: path)).count == length)
    let second = try logits(path, cache)
    #expect(second != first)
    #expect(try logits(path, nil) == second)
    #expect(cache.packedWeights.size.files == 2)
  }

  @Test func shapesThatPackAlikeShareAFile() throws {
    let path = temporary.path("a.safetensors")
    try write("a", to: path)
    _ = try logits(path, cache)
    let network = try Network(weights: path, configuration: .init(threads: 2, cache: cache))
    _ = try network(Tensor(zeros: [2, 3, 32, 32]), returnsFeatures: true)
    // Another batch may be computed by other algorithms, another count of threads by none.
    #expect((1...2).contains(cache.packedWeights.size.files))
  }

  @Test func theBuiltInModelIsNotKept() throws {
    let classifier = try Classifier.builtIn(configuration: .init(threads: 1, cache: cache))
    _ = try classifier.network(images)
    #expect(cache.packedWeights.size.files == 0)
  }

  /// One stream measures while others may run; all of them use its plan.
  @Test func aTunedNetworkGivesTheSameResultInEveryStream() async throws {
    let path = temporary.path("a.safetensors")
    try write("a", to: path)
    let expected = try logits(path, nil).elements.map(Double.init)
    let timings = CacheFolder(path: temporary.path("cache"))
    let network = try Network(
      weights: path, configuration: .init(threads: 2, streams: 2, tuning: Tuning(cache: timings)))
    try await withThrowingTaskGroup(of: Tensor.self) { group in
      for _ in 0..<4 { group.addTask { try network(images).logits } }
      for try await logits in group { #expect(relativeError(logits.elements, expected) < 1e-6) }
    }
    #expect(timings.timings.size.files == 1)
  }
}
