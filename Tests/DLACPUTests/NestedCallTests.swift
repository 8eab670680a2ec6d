import DLABackend
import DLACPU
import DLAGraph
import DLASystem
import DLATensor
import Synchronization
import Testing

/// Callbacks that run while a plan is made, and run the network themselves.
struct NestedCallTests {
  /// The batch sizes that a callback runs: that of the plan which is being made, and another.
  @Test(.timeLimit(.minutes(1)), arguments: [1, 2])
  func callbacksMayRunTheNetwork(batchSize: Int) throws {
    var graph = Graph(inChannels: 3)
    let x = graph.append(
      .convolution(Convolution(inChannels: 3, outChannels: 32, kernelSize: 3)), name: "conv",
      inputs: graph.input)
    let wide = graph.append(
      .convolution(Convolution(inChannels: 32, outChannels: 32, kernelSize: 3)), name: "wide",
      inputs: x)
    graph.logits = graph.append(.globalAveragePool, name: "pool", inputs: wide)
    let callbacks = Callbacks(batchSize: batchSize)
    let backend = try CPUBackend(
      graph, callbacks,
      CPUBackend.Configuration(threads: 1, tuning: Tuning { _ in callbacks.runNetwork() }))
    callbacks.backend.withLock { $0 = backend }
    // Each keeps the other.
    defer { callbacks.backend.withLock { $0 = nil } }
    let logits = try Callbacks.logits(of: backend, batchSize: 1)
    // Progress before each timed layer and at the end, and each tensor that is read.
    #expect(callbacks.results.withLock { $0.count } >= 4)
    for result in callbacks.results.withLock({ $0 }) {
      #expect(result.elements.count == batchSize * logits.elements.count)
      let pairs = zip(result.elements, logits.elements + logits.elements)
      #expect(pairs.allSatisfy { abs($0 - $1) < 1e-4 })
    }
  }
}

/// A weight source and a progress callback that run the network, but not within their own run.
private final class Callbacks: WeightSource {
  let backend = Mutex<CPUBackend?>(nil)
  let results = Mutex<[Tensor]>([])
  private let batchSize: Int
  private let isRunning = Atomic<Bool>(false)

  init(batchSize: Int) { self.batchSize = batchSize }

  func runNetwork() {
    guard let backend = backend.withLock({ $0 }),
      isRunning.compareExchange(
        expected: false, desired: true, ordering: .sequentiallyConsistent
      ).exchanged
    else { return }
    defer { isRunning.store(false, ordering: .sequentiallyConsistent) }
    guard let logits = try? Self.logits(of: backend, batchSize: batchSize) else { return }
    results.withLock { $0.append(logits) }
  }

  func read(_ tensor: TensorSpecification) -> [Float] {
    runNetwork()
    return SyntheticWeights(model: "nested", shortcutNorms: []).read(tensor)
  }

  static func logits(of backend: CPUBackend, batchSize: Int) throws -> Tensor {
    let images = [Float](repeating: 0.5, count: batchSize * 3 * 16 * 16)
    return try images.withUnsafeBufferPointer {
      try backend.run(
        $0, batchSize: batchSize, size: SpatialSize(height: 16, width: 16), returnsFeatures: false
      ).logits
    }
  }
}
