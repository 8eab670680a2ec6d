import DLABackend
import DLAGraph
import DLATensor

/// The convolutions of a plan, and where the packed weights of each lie.
struct Packing {
  private(set) var entries: [(step: any ConvolutionStep, problem: ConvolutionProblem)] = []
  private(set) var floats = 0

  /// Packing fewer bytes takes less time than looking for them.
  private static let leastCachedBytes = 4 << 20

  /// Gives a step its place behind those before it.
  mutating func append(
    _ step: any ConvolutionStep, for problem: ConvolutionProblem
  ) -> any ConvolutionStep {
    var step = step
    step.packedOffset = floats
    floats += (step.packedFloats + 15) / 16 * 16
    entries.append((step, problem))
    return step
  }

  /// The packed weights, from the cache if they are there; otherwise they are packed and kept there.
  ///
  /// - Throws: `RuntimeError` if memory is refused or the weights are broken, the source's error if
  ///   a tensor can't be read; never because of the cache.
  func weights(
    from source: some WeightSource, instructionSet: InstructionSet, cache: PackedWeightsCache?
  ) throws -> PackedWeights {
    guard let cache, floats * MemoryLayout<Float>.size >= Self.leastCachedBytes,
      let hash = source.contentHash()
    else { return PackedWeights(try packed(from: source)) }
    let key = PackedWeightsKey(
      weights: hash, packing: fingerprint(instructionSet), floats: floats)
    if let found = cache.weights(for: key) { return found }
    let memory = try packed(from: source)
    // Somebody may have written to the file meanwhile; what was read then belongs to no key.
    if source.contentHash() == hash { cache.save(memory, for: key) }
    return PackedWeights(memory)
  }

  private func packed(from source: some WeightSource) throws -> AlignedFloats {
    let memory = try AlignedFloats(count: floats)
    for (step, problem) in entries {
      step.pack(
        try FoldedWeights(
          problem.fused, computedAs: problem.convolution, from: source),
        into: memory.base + step.packedOffset)
    }
    return memory
  }
}
