import CDLAKernels
import DLACore

/// Decides for every value of a graph where its channel blocks lie: borders, buffers, lifetimes, offsets.
struct BufferPlanner {
  private let graph: Graph
  private let images: Int
  private let size: SpatialSize
  private var bufferOf: [Graph.Value: Int] = [:]
  private var buffers: [FeatureMapBuffer] = []
  private var offsets: [Int] = []
  private(set) var arenaFloats = 0
  /// How many steps from the first run image by image.
  ///
  /// Their feature maps are larger than the caches, so one image's are written, read and written over by the
  /// next image's before they leave for memory.
  let stepsByImage: Int

  /// The zeros around the images, which the 7×7 stem reads.
  private static let inputBorder = 3

  /// Lays out the feature maps of all steps.
  ///
  /// - Parameters:
  ///   - graph: the network.
  ///   - steps: what runs, in order.
  ///   - images: images of a batch.
  ///   - size: the size of the images.
  ///   - kept: values that must outlive the run.
  ///   - cacheBytes: the second-level cache of a core.
  init(
    graph: Graph, steps: [LoweredStep], images: Int, size: SpatialSize, kept: [Graph.Value],
    cacheBytes: Int
  ) {
    self.graph = graph
    self.images = images
    self.size = size
    let borders = graph.borders(input: size)
    let segments = graph.segments
    stepsByImage =
      images == 1 ? 0 : Self.stepsByImage(graph: graph, steps: steps, size: size, cacheBytes)
    let transient = Self.transient(
      graph: graph, steps: steps, first: stepsByImage, kept: kept)
    for value in [graph.input] + steps.map(\.output) {
      let node = graph[value]
      let isInput = value == graph.input
      bufferOf[value] = buffers.count
      buffers.append(
        FeatureMapBuffer(
          segments: segments[value] ?? [node.channels],
          geometry: FeatureMapGeometry(
            images: transient.contains(value) ? 1 : images, size: graph.size(of: node, input: size),
            border: isInput ? Self.inputBorder : borders[value, default: 0],
            pixel: isInput ? 1 : Layout.channelsPerBlock)))
    }
    let plan = MemoryPlan(lifetimes(steps: steps, kept: kept))
    offsets = plan.offsets
    arenaFloats = plan.totalFloats
  }

  /// The channel blocks of a value for one image, or for all; a concatenation's are its parts' in order, a
  /// slice's some of its input's.
  func view(of value: Graph.Value, image: Int? = nil) -> TensorView {
    let all = graph.view(of: value) { value in
      bufferOf[value].map { buffers[$0].view(at: offsets[$0]) }
    }
    return image.map(all.image) ?? all
  }

  /// The values whose buffers a value's channel blocks lie in.
  private func bases(of value: Graph.Value) -> [Graph.Value] { graph.bases(of: value) }

  /// The steps up to the last that moves more bytes of an image than a core's cache holds; none after
  /// the first whose weights take a noticeable part of the cache, since each image reads them again.
  private static func stepsByImage(
    graph: Graph, steps: [LoweredStep], size: SpatialSize, _ cacheBytes: Int
  ) -> Int {
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

  /// What only the first steps read: one image of it is enough.
  private static func transient(
    graph: Graph, steps: [LoweredStep], first: Int, kept: [Graph.Value]
  ) -> Set<Graph.Value> {
    guard first > 0 else { return [] }
    func bases(_ values: [Graph.Value]) -> [Graph.Value] {
      values.flatMap(graph.bases)
    }
    var result = Set(bases(steps[..<first].flatMap { $0.inputs + [$0.output] }))
    for step in steps[first...] { result.subtract(bases(step.reads)) }
    return result.subtracting(bases(kept))
  }

  /// Step 0 writes the input; step i + 1 is `steps[i]`.
  private func lifetimes(steps: [LoweredStep], kept: [Graph.Value]) -> [BufferLifetime] {
    var result = buffers.map { BufferLifetime(floats: $0.floats, firstStep: 0, lastStep: 0) }
    func read(_ value: Graph.Value, at step: Int) {
      for base in bases(of: value) {
        guard let index = bufferOf[base] else { continue }
        result[index].lastStep = max(result[index].lastStep, step)
      }
    }
    for (position, step) in steps.enumerated() {
      if let index = bufferOf[step.output] {
        result[index].firstStep = position + 1
        result[index].lastStep = max(result[index].lastStep, position + 1)
      }
      for input in step.reads { read(input, at: position + 1) }
    }
    for value in kept { read(value, at: steps.count + 1) }
    // The first steps start again for each image: what outlives one image must outlive them all.
    for index in result.indices where buffers[index].geometry.images == images {
      if result[index].firstStep <= stepsByImage { result[index].firstStep = 0 }
    }
    return result
  }
}
