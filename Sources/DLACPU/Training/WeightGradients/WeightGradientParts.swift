import DLAGraph

/// Where gradients of weights go: at once to their place, or first to memory of their own for each part
/// of the pixels.
struct WeightGradientParts: Sendable {
  let parts: Int
  private let count: Int
  private let target: ParameterBlock
  private let offset: Int
  private let memory: AlignedFloats?

  /// Divides the pixels where the weights alone do not give everybody work.
  ///
  /// - Parameters:
  ///   - problem: what is computed.
  ///   - units: pieces that the weights are divided into.
  ///   - chunks: pieces that the pixels are divided into.
  ///   - target: where all gradients are.
  /// - Throws: `RuntimeError` with `.outOfMemory`.
  init(
    _ problem: WeightGradientProblem, units: Int, chunks: Int, target: ParameterBlock
  ) throws(RuntimeError) {
    parts =
      problem.workers == 1 || units >= problem.wantedUnits
      ? 1 : min(chunks, (problem.wantedUnits + units - 1) / units)
    count = problem.count
    self.target = target
    offset = target.offset(of: "\(problem.name).weight")
    memory = parts > 1 ? try AlignedFloats(count: parts * count) : nil
  }

  /// The chunks of a part.
  func share(_ part: Int, of chunks: Int) -> Range<Int> {
    chunks * part / parts..<chunks * (part + 1) / parts
  }

  /// The memory of one part.
  subscript(part: Int) -> UnsafeMutablePointer<Float> {
    memory.map { $0.base + part * count } ?? target.base + offset
  }

  /// The step that adds the parts; nil if there is one.
  func sum(_ name: String) -> SumPartsStep? {
    memory.map {
      SumPartsStep(
        name: name, parts: parts, count: count, memory: $0, target: target, offset: offset)
    }
  }
}

/// Adds the parts of a gradient.
struct SumPartsStep: Step {
  let name: String
  let parts: Int
  let count: Int
  let memory: AlignedFloats
  let target: ParameterBlock
  let offset: Int

  func run(_ worker: Worker) {
    let to = target.base + offset
    for index in worker.share(of: count) {
      var sum = memory.base[index]
      for part in 1..<parts { sum += memory.base[part * count + index] }
      to[index] = sum
    }
  }
}
