import DLAGraph
import DLATensor

/// The places of all feature maps, and in training of their gradients, in one arena.
///
/// Borders, buffers, lifetimes and offsets follow from the graph, its steps and the size of the
/// images.
struct FeatureMapPlan {
  /// A feature map or its gradient.
  private enum Key: Hashable {
    case featureMap(Graph.Value)
    case gradient(Graph.Value)

    /// The position in memory planning, so that equal networks have equal layouts.
    var order: Int {
      switch self {
      case .featureMap(let value): 2 * value.index
      case .gradient(let value): 2 * value.index + 1
      }
    }
  }

  private let graph: Graph
  private let steps: [LoweredStep]
  private let images: Int
  private let size: SpatialSize
  private var buffers: [Key: FeatureMapBuffer] = [:]
  private var lifetimes: [Key: ClosedRange<Int>] = [:]
  /// Gradients of batch norms' outputs that are overwritten by those of their inputs.
  private var shared: [Key: Key] = [:]
  private var offsets: [Key: Int] = [:]
  /// The length of the arena.
  private(set) var arenaFloats = 0
  /// The number of steps, from the first, that run image by image.
  ///
  /// Their feature maps are larger than the caches, so those of one image are written, read and
  /// overwritten by the next image's before they are evicted to memory.
  private(set) var stepsByImage = 0

  private init(_ graph: Graph, _ steps: [LoweredStep], images: Int, size: SpatialSize) {
    (self.graph, self.steps, self.images, self.size) = (graph, steps, images, size)
  }

  /// The channel blocks of a value, of all images or of one; a concatenation's are those of its
  /// parts in order, a slice's some of its input's.
  func view(of value: Graph.Value, image: Int? = nil) -> TensorView {
    let all = graph.view(of: value) { place(.featureMap($0)) }
    return image.map(all.image) ?? all
  }

  /// The channel blocks of a value's gradient.
  func gradient(of value: Graph.Value) -> TensorView {
    graph.view(of: value) { place(.gradient($0)) }
  }

  private func place(_ key: Key) -> TensorView? {
    guard let buffer = buffers[key], let offset = offsets[shared[key] ?? key] else { return nil }
    return buffer.view(at: offset)
  }

  /// Makes the buffers of the feature maps; those of `transient` hold one image.
  private mutating func makeBuffers(transient: Set<Graph.Value> = []) {
    let borders = graph.borders(input: size)
    let segments = graph.segments
    for value in [graph.input] + steps.map(\.output) {
      buffers[.featureMap(value)] = FeatureMapBuffer(
        segments: segments[value] ?? [graph[value].channels],
        geometry: FeatureMapGeometry(
          images: transient.contains(value) ? 1 : images,
          size: graph.size(of: graph[value], input: size), border: borders[value, default: 0],
          pixel: value == graph.input ? 1 : Layout.channelsPerBlock))
    }
  }

  /// Gives every buffer its offset.
  private mutating func placeBuffers() {
    let keys = lifetimes.keys.sorted { $0.order < $1.order }
    let plan = MemoryPlan(
      keys.map { BufferLifetime(floats: buffers[$0]?.floats ?? 0, steps: lifetimes[$0] ?? 0...0) })
    offsets = Dictionary(zip(keys, plan.offsets), uniquingKeysWith: { $1 })
    arenaFloats = plan.totalFloats
  }
}

// MARK: - Inference

extension FeatureMapPlan {
  /// Lays out the feature maps of inference.
  init(
    inference graph: Graph, steps: [LoweredStep], images: Int, size: SpatialSize,
    kept: [Graph.Value], cacheBytes: Int
  ) {
    self.init(graph, steps, images: images, size: size)
    stepsByImage = images == 1 ? 0 : stepsLargerThanCache(of: cacheBytes)
    makeBuffers(transient: transientValues(kept: kept))
    for (value, life) in graph.lifetimes(of: steps, kept: kept) {
      // The first steps start again for each image: what outlives one image must outlive them all.
      let outlivesImage = buffers[.featureMap(value)]?.geometry.images == images
      let isFirst = life.lowerBound <= stepsByImage && outlivesImage
      lifetimes[.featureMap(value)] = isFirst ? 0...life.upperBound : life
    }
    placeBuffers()
  }

  /// The number of steps up to the last that moves more bytes of an image than a core's cache
  /// holds; none after the first whose weights take a noticeable part of the cache, since each
  /// image reads them again.
  private func stepsLargerThanCache(of cacheBytes: Int) -> Int {
    func bytes(_ value: Graph.Value) -> Int {
      graph[value].channels * graph.size(of: graph[value], input: size).area
        * MemoryLayout<Float>.size
    }
    let light = steps.prefix { step in
      guard case .convolution(let fused) = step.operation else { return true }
      let weights = fused.convolution.weightShape.reduce(1, *) * MemoryLayout<Float>.size
      return weights * 8 < cacheBytes
    }
    let last = light.lastIndex { step in
      (step.inputs + [step.output]).reduce(0) { $0 + bytes($1) } > cacheBytes
    }
    return last.map { $0 + 1 } ?? 0
  }

  /// The values that only steps which run image by image read.
  private func transientValues(kept: [Graph.Value]) -> Set<Graph.Value> {
    guard stepsByImage > 0 else { return [] }
    func bases(_ values: [Graph.Value]) -> [Graph.Value] { values.flatMap(graph.bases) }
    var result = Set(bases(steps[..<stepsByImage].flatMap { $0.inputs + [$0.output] }))
    for step in steps[stepsByImage...] { result.subtract(bases(step.reads)) }
    return result.subtracting(bases(kept))
  }
}

// MARK: - Training

extension FeatureMapPlan {
  /// Lays out the feature maps of training, which the backward pass reads again, and their
  /// gradients.
  ///
  /// The forward pass runs `steps[i]` at time `i + 1`, then comes the loss, then the backward pass
  /// in reverse order.
  init(training graph: Graph, steps: [LoweredStep], images: Int, size: SpatialSize) {
    self.init(graph, steps, images: images, size: size)
    makeBuffers()
    for step in steps { makeGradientBuffer(of: step) }
    for (value, life) in graph.lifetimes(of: steps) { lifetimes[.featureMap(value)] = life }
    for (index, step) in steps.enumerated() { noteBackward(step, at: 2 * steps.count + 1 - index) }
    note(.gradient(graph.logits), at: steps.count + 1)
    // The scores can be read when all is done.
    note(.featureMap(graph.logits), at: 2 * steps.count + 2)
    for step in steps { shareGradient(of: step) }
    placeBuffers()
  }

  /// The gradient of a 3×3 convolution's input is a 3×3 convolution of its output's gradient, or
  /// behind a stride four smaller ones, which read a pixel beyond its edges.
  private mutating func makeGradientBuffer(of step: LoweredStep) {
    guard let buffer = buffers[.featureMap(step.output)] else { return }
    var border = 0
    if case .convolution(let fused) = step.operation {
      let read = graph.size(of: graph[step.inputs[0]], input: size)
      border = fused.convolution.trimmed(to: read).kernelSize == 3 ? 1 : 0
    }
    buffers[.gradient(step.output)] = FeatureMapBuffer(
      segments: buffer.segments,
      geometry: FeatureMapGeometry(
        images: images, size: buffer.geometry.size, border: border,
        pixel: Layout.channelsPerBlock))
  }

  private mutating func note(_ key: Key, at time: Int) {
    let life = lifetimes[key] ?? time...time
    lifetimes[key] = min(life.lowerBound, time)...max(life.upperBound, time)
  }

  private mutating func noteBackward(_ step: LoweredStep, at time: Int) {
    func noteFeatureMap(_ value: Graph.Value) {
      for base in graph.bases(of: value) { note(.featureMap(base), at: time) }
    }
    func noteGradient(_ value: Graph.Value) {
      for base in graph.bases(of: value) where base != graph.input {
        note(.gradient(base), at: time)
      }
    }
    note(.gradient(step.output), at: time)
    for input in step.inputs { noteGradient(input) }
    switch step.operation {
    case .convolution: noteFeatureMap(step.inputs[0])
    case .batchNorm(let shortcut, let relu):
      noteFeatureMap(step.inputs[0])
      if let shortcut {
        noteGradient(shortcut)
        // The outputs that the ReLU has cut off; without a shortcut they follow from the input.
        if relu { note(.featureMap(step.output), at: time) }
      }
    case .maxPool:
      noteFeatureMap(step.inputs[0])
      note(.featureMap(step.output), at: time)
    case .averagePool3x3, .globalAverage, .add: break
    }
  }

  /// Has a batch norm overwrite the gradient of its output, whose last reader it is, with that of
  /// its input: the output's gradient is in a cache, other memory would have to be loaded.
  ///
  /// If a 3×3 convolution reads the input's gradient, that has a border and the output's has none.
  private mutating func shareGradient(of step: LoweredStep) {
    guard case .batchNorm = step.operation else { return }
    let (output, input) = (Key.gradient(step.output), Key.gradient(step.inputs[0]))
    guard let from = buffers[output], let to = buffers[input], from.geometry == to.geometry,
      from.channelBlocks.map(\.channels) == to.channelBlocks.map(\.channels),
      let before = lifetimes[output], let after = lifetimes[input],
      before.upperBound == after.lowerBound
    else { return }
    shared[output] = input
    lifetimes[output] = nil
    lifetimes[input] = before.lowerBound...after.upperBound
  }
}
