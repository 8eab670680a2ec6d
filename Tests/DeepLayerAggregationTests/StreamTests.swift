import DLAGraph
import DLASystem
import DLATensor
import DeepLayerAggregation
import Synchronization
import Testing
import _DLATestSupport

/// Networks whose calls run next to each other.
struct StreamTests {
  private static func images(_ count: Int) -> Tensor {
    var random = KeyedRandom(key: "streams/\(count)")
    let elements = (0..<count * 3 * 64 * 64).map { _ in Float(random.nextUniform()) }
    return Tensor(shape: [count, 3, 64, 64], elements: elements)
  }

  private static func network(_ configuration: Network.Configuration) throws -> Network {
    let variant = try Variant.named("dla46x_c")
    return try Network(variant, weights: SyntheticWeights(variant), configuration: configuration)
  }

  /// Four shapes, more than plans are kept; five threads do not divide by two streams.
  @Test(arguments: [(2, 2), (5, 2), (3, 3)])
  func streamsDoNotChangeABit(threads: Int, streams: Int) async throws {
    let one = try Self.network(.init(threads: threads))
    let many = try Self.network(.init(threads: threads, streams: streams))
    let expected = try (1...4).map { try one(Self.images($0)).logits }
    try await withThrowingTaskGroup(of: (Int, Tensor).self) { group in
      for turn in 0..<24 {
        group.addTask { (turn % 4, try many(Self.images(turn % 4 + 1)).logits) }
      }
      for try await (index, logits) in group { #expect(logits == expected[index]) }
    }
  }

  @Test func streamsShareThePackedWeights() throws {
    let variant = try Variant.named("dla46_c")
    let weights = CountingWeights(SyntheticWeights(variant))
    let network = try Network(
      variant, weights: weights, configuration: .init(threads: 2, streams: 2))
    let calls = Calls(network, images: Self.images(1))
    ThreadPool(count: 6).run(calls)
    #expect(calls.failures == 0)
    #expect(weights.reads == network.graph.tensors.count)
  }

  @Test func aCallThatFailsLeavesTheStreamsUsable() throws {
    let network = try Self.network(.init(threads: 2, streams: 2))
    for _ in 0..<5 {
      #expect(throws: RuntimeError.self) { try network(Tensor(zeros: [1, 3, 33, 32])) }
    }
    #expect(try network(Self.images(1)).logits.shape == [1, 1000])
  }

  @Test(arguments: [(2, 0), (2, -1), (2, 3), (0, 1), (-1, -1), (0, 0)])
  func unsuitableStreamsAreErrors(threads: Int, streams: Int) throws {
    let error = #expect(throws: RuntimeError.self) {
      try Self.network(.init(threads: threads, streams: streams))
    }
    #expect(error?.code == .unsuitableConfiguration)
    #expect(error?.message.contains("\n") == false)
  }
}

/// Calls of one network from several threads at once.
private final class Calls: ParallelJob {
  private let network: Network
  private let images: Tensor
  private let failed = Atomic<Int>(0)

  init(_ network: Network, images: Tensor) {
    (self.network, self.images) = (network, images)
  }

  var failures: Int { failed.load(ordering: .sequentiallyConsistent) }

  func work(worker: Int) {
    if (try? network(images)) == nil { failed.add(1, ordering: .sequentiallyConsistent) }
  }
}

final class CountingWeights: WeightSource {
  private let source: SyntheticWeights
  private let count = Atomic<Int>(0)

  init(_ source: SyntheticWeights) { self.source = source }

  var reads: Int { count.load(ordering: .sequentiallyConsistent) }

  func read(_ tensor: TensorSpecification) -> [Float] {
    count.add(1, ordering: .sequentiallyConsistent)
    return source.read(tensor)
  }
}
