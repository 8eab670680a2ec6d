import CDLAKernels
import DLACore

/// Where all feature maps of a training step lie: those of the forward pass, which the backward pass reads
/// again, and their gradients.
struct TrainingBuffers {
  /// A feature map or its gradient.
  enum Key: Hashable {
    case map(Graph.Value)
    case gradient(Graph.Value)
  }

  private let graph: Graph
  private var buffers: [Key: FeatureMapBuffer] = [:]
  private var lifetimes: [Key: ClosedRange<Int>] = [:]
  /// Gradients of batch norms' outputs that become those of their inputs where they lie.
  private var shared: [Key: Key] = [:]
  private var offsets: [Key: Int] = [:]
  private(set) var arenaFloats = 0

  /// The zeros around the images, which the 7×7 stem reads.
  private static let inputBorder = 3

  /// Lays out the feature maps of all operations.
  ///
  /// The operation at `index` runs forward at time `index + 1`, then the loss, then all of them
  /// backward in the other order.
  init(_ graph: Graph, _ operations: [TrainingOperation], images: Int, size: SpatialSize) {
    self.graph = graph
    makeBuffers(operations, images: images, size: size)
    for (index, operation) in operations.enumerated() {
      noteForward(operation, at: index + 1)
      noteBackward(operation, at: 2 * operations.count + 1 - index)
    }
    note(.map(graph.input), at: 0)
    note(.gradient(graph.logits), at: operations.count + 1)
    // The scores can be read when all is done.
    note(.map(graph.logits), at: 2 * operations.count + 2)
    for operation in operations { share(operation) }
    let keys = Array(lifetimes.keys).sorted { Self.order($0) < Self.order($1) }
    let plan = MemoryPlan(
      keys.map { key in
        let life = lifetimes[key] ?? 0...0
        return BufferLifetime(
          floats: buffers[key]?.floats ?? 0, firstStep: life.lowerBound,
          lastStep: life.upperBound)
      })
    offsets = Dictionary(zip(keys, plan.offsets), uniquingKeysWith: { $1 })
    arenaFloats = plan.totalFloats
  }

  /// A fixed order, so that the same network always lies the same.
  private static func order(_ key: Key) -> Int {
    switch key {
    case .map(let value): 2 * value.index
    case .gradient(let value): 2 * value.index + 1
    }
  }

  private mutating func makeBuffers(
    _ operations: [TrainingOperation], images: Int, size: SpatialSize
  ) {
    let borders = graph.borders(input: size)
    let segments = graph.segments
    buffers[.map(graph.input)] = FeatureMapBuffer(
      segments: [graph[graph.input].channels],
      geometry: FeatureMapGeometry(images: images, size: size, border: Self.inputBorder, pixel: 1))
    for operation in operations {
      let node = graph[operation.output]
      func buffer(_ size: SpatialSize, border: Int) -> FeatureMapBuffer {
        FeatureMapBuffer(
          segments: segments[operation.output] ?? [node.channels],
          geometry: FeatureMapGeometry(
            images: images, size: size, border: border, pixel: Layout.channelsPerBlock))
      }
      let own = graph.size(of: node, input: size)
      buffers[.map(operation.output)] = buffer(own, border: borders[operation.output, default: 0])
      buffers[.gradient(operation.output)] = buffer(own, border: 0)
      // The gradient of a 3×3 convolution's input is one of its output's gradient, or behind a stride
      // four smaller ones, which read a pixel beyond its edges.
      let read = graph.size(of: graph[operation.inputs[0]], input: size)
      if case .convolution(let convolution) = operation.kind,
        convolution.trimmed(to: read).kernelSize == 3
      {
        buffers[.gradient(operation.output)] = buffer(own, border: 1)
      }
    }
  }

  private mutating func note(_ key: Key, at time: Int) {
    let life = lifetimes[key] ?? time...time
    lifetimes[key] = min(life.lowerBound, time)...max(life.upperBound, time)
  }

  private mutating func noteFeatureMap(_ value: Graph.Value, at time: Int) {
    for base in graph.bases(of: value) { note(.map(base), at: time) }
  }

  private mutating func noteGradient(_ value: Graph.Value, at time: Int) {
    for base in graph.bases(of: value) where base != graph.input { note(.gradient(base), at: time) }
  }

  private mutating func noteForward(_ operation: TrainingOperation, at time: Int) {
    note(.map(operation.output), at: time)
    for input in operation.inputs { noteFeatureMap(input, at: time) }
    if case .norm(let shortcut?, _) = operation.kind { noteFeatureMap(shortcut, at: time) }
  }

  private mutating func noteBackward(_ operation: TrainingOperation, at time: Int) {
    note(.gradient(operation.output), at: time)
    for input in operation.inputs { noteGradient(input, at: time) }
    switch operation.kind {
    case .convolution: noteFeatureMap(operation.inputs[0], at: time)
    case .norm(let shortcut, let relu):
      noteFeatureMap(operation.inputs[0], at: time)
      if let shortcut {
        noteGradient(shortcut, at: time)
        // Which outputs the ReLU has cut off; without a shortcut the input tells.
        if relu { note(.map(operation.output), at: time) }
      }
    case .maxPool:
      noteFeatureMap(operation.inputs[0], at: time)
      note(.map(operation.output), at: time)
    case .averagePool3x3, .globalAverage, .add: break
    }
  }

  /// Has a batch norm write the gradient of its input over that of its output, whose last reader it is.
  ///
  /// What was just read is in a cache, what would be written elsewhere must be brought there first. Where a
  /// 3×3 convolution reads it, it needs a border, which that of the output has not.
  private mutating func share(_ operation: TrainingOperation) {
    guard case .norm = operation.kind else { return }
    let (output, input) = (Key.gradient(operation.output), Key.gradient(operation.inputs[0]))
    guard let from = buffers[output], let to = buffers[input], from.geometry == to.geometry,
      from.channelBlocks.map(\.channels) == to.channelBlocks.map(\.channels),
      let before = lifetimes[output], let after = lifetimes[input],
      before.upperBound == after.lowerBound
    else { return }
    shared[output] = input
    lifetimes[output] = nil
    lifetimes[input] = before.lowerBound...after.upperBound
  }

  /// The channel blocks of a value.
  func map(_ value: Graph.Value) -> TensorView {
    graph.view(of: value) { view(.map($0)) }
  }

  /// The channel blocks of a value's gradient.
  func gradient(_ value: Graph.Value) -> TensorView {
    graph.view(of: value) { view(.gradient($0)) }
  }

  private func view(_ key: Key) -> TensorView? {
    guard let buffer = buffers[key], let offset = offsets[shared[key] ?? key] else { return nil }
    return buffer.view(at: offset)
  }
}
