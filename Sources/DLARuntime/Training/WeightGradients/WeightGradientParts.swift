import DLACore

/// Where gradients of weights go: at once to their place, or first to memory of their own for each part
/// of the pixels.
struct WeightGradientParts: Sendable {
  let parts: Int
  private let count: Int
  private let target: ParameterBlock
  private let offset: Int
  private let memory: AlignedFloats?

  /// - Throws: `RuntimeError` with `.outOfMemory`.
  init(count: Int, parts: Int, target: ParameterBlock, offset: Int) throws(RuntimeError) {
    self.parts = parts
    self.count = count
    self.target = target
    self.offset = offset
    memory = parts > 1 ? try AlignedFloats(count: parts * count) : nil
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
