import CDLAKernels
import DLABackend
import DLAGraph
import DLASystem
import DLATensor

/// A network prepared for one batch shape on one CPU: steps in order, their
/// memory and packed weights.
///
/// A plan is immutable; every execution context has an arena of its own.
package final class Plan: Sendable {
  /// The batch shape, the outputs and the hardware that a plan is made for.
  package struct Options: Sendable, Equatable {
    package var batchSize: Int
    /// Height and width of the images; multiples of the graph's largest reduction, 32 in the
    /// family.
    package var size: SpatialSize
    /// The vector instructions to use.
    package var instructionSet: InstructionSet
    package var threads: Int
    /// True if the feature maps of levels 0 to 5 can be read after a run; they take more memory.
    package var returnsFeatures: Bool
    /// The name of an algorithm to force where it is supported.
    package var algorithm: String?
    /// Bytes of the cache that each core has for itself.
    package var cacheBytes: Int

    package init(
      batchSize: Int, size: SpatialSize, instructionSet: InstructionSet = .best, threads: Int = 1,
      returnsFeatures: Bool = false, algorithm: String? = nil,
      cacheBytes: Int = Platform.secondLevelCacheBytes
    ) {
      (self.batchSize, self.size, self.instructionSet) = (batchSize, size, instructionSet)
      (self.threads, self.returnsFeatures, self.algorithm) = (threads, returnsFeatures, algorithm)
      self.cacheBytes = cacheBytes
    }

    /// Describes a plan by the options of all engines.
    init(_ options: PlanOptions, instructionSet: InstructionSet, threads: Int) {
      self.init(
        batchSize: options.batchSize, size: options.size, instructionSet: instructionSet,
        threads: threads, returnsFeatures: options.returnsFeatures, algorithm: options.algorithm)
    }
  }

  package struct Layer: Sendable {
    package let name: String
    package let convolution: Convolution
    /// The size of its output.
    package let size: SpatialSize
    /// The algorithm and why others declined.
    package let choice: AlgorithmChoice
    /// The repeat count: the batch size, or 1 for all images at once.
    package internal(set) var repeatCount: Int
    /// The predicted time of all runs, in seconds at `CostModel.nominalHertz`.
    package var predictedSeconds: Double { Double(repeatCount) * (choice.predictedSeconds ?? 0) }
  }

  /// The batch shape, the outputs and the hardware that the plan was made for.
  package let options: Options
  /// The convolutions in the order they run.
  package let layers: [Layer]
  package let arenaBytes: Int
  /// Bytes of packed weights.
  package let packedBytes: Int

  /// The names of all steps in the order they run.
  package var stepNames: [String] { steps.map(\.name) }

  package var description: PlanDescription {
    let convolutions = Dictionary(uniqueKeysWithValues: layers.map { ($0.name, $0) })
    var positions: [String: Int] = [:]
    var summaries: [PlanDescription.Step] = []
    for name in stepNames {
      if let position = positions[name] {
        summaries[position].repeatCount += 1
        continue
      }
      positions[name] = summaries.count
      let layer = convolutions[name]
      summaries.append(
        PlanDescription.Step(
          name: name, convolution: layer?.convolution, size: layer?.size, choice: layer?.choice))
    }
    return PlanDescription(
      options: PlanOptions(
        batchSize: options.batchSize, size: options.size,
        returnsFeatures: options.returnsFeatures, algorithm: options.algorithm),
      inChannels: inputCount / (options.batchSize * options.size.area), steps: summaries,
      arenaBytes: arenaBytes, weightBytes: packedBytes)
  }

  let steps: [any Step]
  let weights: PackedWeights
  let arenaFloats: Int
  /// Memory of each worker for itself.
  let scratchFloats: Int
  package let inputCount: Int
  let outputs: [TensorView]
  let classes: Int

  /// Plans a network, and packs its weights or maps cached ones.
  ///
  /// Each tensor of `source` is read once, none if the cache has them packed. Without `tuning`,
  /// algorithms are chosen by prediction; `timer` is nil only then.
  ///
  /// - Throws: `RuntimeError` if the shape does not suit or memory is refused; the source's error
  ///   if a tensor can't be read.
  package init(
    _ graph: Graph, weights source: some WeightSource, options: Options,
    cache: CacheFolder? = nil, tuning: Tuning? = nil, timer: (any CandidateTimer)? = nil
  ) throws {
    try Self.check(options, graph)
    let lowered = graph.lowered(for: .inference)
    let kept = (options.returnsFeatures ? graph.levels : []) + [graph.logits]
    let featureMaps = FeatureMapPlan(
      inference: graph, steps: lowered, images: options.batchSize, size: options.size, kept: kept,
      cacheBytes: options.cacheBytes)

    let tuner = tuning.map {
      Tuner(
        $0, hardware: options.tuningHardware, algorithms: Self.algorithms,
        layers: lowered.count(where: \.isConvolution))
    }
    var builder = StepBuilder(
      graph: graph, featureMaps: featureMaps, options: options, tuner: tuner, timer: timer)
    let byImage = lowered[..<featureMaps.stepsByImage]
    for image in byImage.isEmpty ? [] : Array(0..<options.batchSize) {
      builder.appendInput(image: image)
      for step in byImage { try builder.append(step, image: image) }
    }
    if byImage.isEmpty { builder.appendInput(image: nil) }
    for step in lowered[featureMaps.stepsByImage...] { try builder.append(step, image: nil) }
    tuner?.finish()

    weights = try builder.packing.weights(
      from: source, instructionSet: options.instructionSet, cache: cache)
    self.options = options
    steps = builder.steps
    layers = builder.layers
    packedBytes = builder.packing.floats * MemoryLayout<Float>.size
    scratchFloats = (builder.scratchFloats + 1023) / 1024 * 1024
    arenaFloats = featureMaps.arenaFloats
    arenaBytes = (arenaFloats + options.threads * scratchFloats) * MemoryLayout<Float>.size
    inputCount = options.batchSize * graph[graph.input].channels * options.size.area
    outputs = kept.map { featureMaps.view(of: $0) }
    classes = graph[graph.logits].channels
  }

  static func check(_ options: Options, _ graph: Graph) throws(RuntimeError) {
    try graph.requireSuitable(options.size)
    guard options.batchSize > 0, options.threads > 0 else {
      throw RuntimeError(
        code: .unsuitableInput,
        message: "a batch of \(options.batchSize) on \(options.threads) threads was requested, "
          + "both must be at least 1")
    }
    guard InstructionSet.available.contains(options.instructionSet) else {
      let available = InstructionSet.available.map(\.rawValue).joined(separator: ", ")
      throw RuntimeError(
        code: .missingInstructionSet,
        message: "this processor has no \(options.instructionSet.rawValue); it has \(available)")
    }
  }
}
