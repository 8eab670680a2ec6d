import DLAGraph
import DLASystem
import DLATensor

/// The convolutions of a plan and the offsets of their packed weights.
struct Packing {
  private(set) var entries: [(step: any ConvolutionStep, problem: ConvolutionProblem)] = []
  private(set) var floats = 0

  /// Packing fewer bytes takes less time than looking for them.
  private static let leastCachedBytes = 4 << 20

  /// Places a step's weights behind those before it.
  mutating func append(
    _ step: any ConvolutionStep, for problem: ConvolutionProblem
  ) -> any ConvolutionStep {
    var step = step
    step.packedOffset = floats
    floats += (step.packedFloats + 15) / 16 * 16
    entries.append((step, problem))
    return step
  }

  /// The packed weights, from the cache or packed and then stored there.
  ///
  /// - Throws: `RuntimeError` if memory is refused or the weights are broken, the source's error if
  ///   a tensor can't be read; never because of the cache.
  func weights(
    from source: some WeightSource, instructionSet: InstructionSet, cache: CacheFolder?
  ) throws -> PackedWeights {
    guard let cache, floats * MemoryLayout<Float>.size >= Self.leastCachedBytes,
      let hash = source.contentHash()
    else { return PackedWeights(try packed(from: source)) }
    let file = PackedWeightsFile(
      weights: hash, packing: fingerprint(instructionSet), floats: floats)
    if let found = file.find(in: cache.packedWeights) { return found }
    let memory = try packed(from: source)
    // The source may have changed meanwhile; then the weights belong to no hash.
    if source.contentHash() == hash { file.save(memory, in: cache.packedWeights) }
    return PackedWeights(memory)
  }

  private func packed(from source: some WeightSource) throws -> AlignedFloats {
    let memory = try AlignedFloats(count: floats)
    for (step, problem) in entries {
      step.pack(
        try FoldedWeights(problem.fused, computedAs: problem.convolution, from: source),
        into: memory.base + step.packedOffset)
    }
    return memory
  }
}

extension Packing {
  /// A hash of everything except the weights that determines the packed bytes.
  ///
  /// The size of the images, the batch and the threads matter only where an algorithm chooses
  /// another order because of them, or where a feature map has one pixel, so plans of several
  /// shapes share a file.
  func fingerprint(_ instructionSet: InstructionSet) -> UInt64 {
    var text = Description()
    text.append(instructionSet.rawValue)
    for (step, problem) in entries {
      text.append(step.name)
      text.append(step.packing)
      text.append(step.packedOffset)
      text.append(step.packedFloats)
      text.append(problem.kernels.lanes)
      text.append(problem.convolution)
      for node in [problem.fused.weights] + (problem.fused.norm.map { [$0] } ?? []) {
        for tensor in node.tensors {
          text.append(tensor.name)
          text.append(tensor.shape)
        }
      }
      for view in [problem.source, problem.destination] {
        text.append(view.geometry.pixel)
        text.append(
          view.channelBlocks.flatMap { [$0.channels.lowerBound, $0.channels.upperBound] })
      }
    }
    return text.bytes.withUnsafeBytes { xxHash64($0) }
  }
}

/// An unambiguous encoding of numbers and words: everything of variable length follows its length.
private struct Description {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ number: Int) {
    withUnsafeBytes(of: UInt64(bitPattern: Int64(number)).littleEndian) { bytes += $0 }
  }

  mutating func append(_ numbers: [Int]) {
    append(numbers.count)
    for number in numbers { append(number) }
  }

  mutating func append(_ word: String) {
    append(word.utf8.count)
    bytes += word.utf8
  }

  mutating func append(_ convolution: Convolution) {
    append(convolution.weightShape)
    append(convolution.stride)
    append(convolution.groups)
    append(convolution.hasBias ? 1 : 0)
  }
}
