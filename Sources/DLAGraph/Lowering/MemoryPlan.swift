/// A buffer in the arena and the steps during which it is in use.
package struct BufferLifetime {
  package var floats: Int
  /// The steps from the one that writes it to the last one that reads it.
  package var steps: ClosedRange<Int>

  package init(floats: Int, steps: ClosedRange<Int>) {
    (self.floats, self.steps) = (floats, steps)
  }
}

/// Offsets of buffers in one arena: buffers that are in use at the same time do not overlap.
package struct MemoryPlan {
  /// The start of each buffer.
  package private(set) var offsets: [Int]
  package private(set) var totalFloats: Int

  /// Offsets are multiples of this: a cache line.
  private static let alignment = 16

  /// Places the largest buffers first, each at the lowest offset that is free during its lifetime.
  package init(_ buffers: [BufferLifetime]) {
    offsets = Array(repeating: 0, count: buffers.count)
    totalFloats = 0
    var placed: [Int] = []
    let order = buffers.indices.sorted { (-buffers[$0].floats, $0) < (-buffers[$1].floats, $1) }
    for index in order {
      let buffer = buffers[index]
      let neighbours = placed.filter { buffers[$0].steps.overlaps(buffer.steps) }
        .sorted { offsets[$0] < offsets[$1] }
      var offset = 0
      for neighbour in neighbours {
        if offset + buffer.floats <= offsets[neighbour] { break }
        let end = offsets[neighbour] + buffers[neighbour].floats
        offset = max(offset, (end + Self.alignment - 1) / Self.alignment * Self.alignment)
      }
      offsets[index] = offset
      totalFloats = max(totalFloats, offset + buffer.floats)
      placed.append(index)
    }
  }
}

extension Graph {
  /// The steps from the write of a value to its last read in a forward pass.
  ///
  /// The input is written at step 0, the output of `steps[i]` at step `i + 1`.
  ///
  /// - Returns: the lifetime of every value that has memory of its own.
  package func lifetimes(of steps: [LoweredStep], kept: [Value] = []) -> [Value: ClosedRange<Int>] {
    var result: [Value: ClosedRange<Int>] = [input: 0...0]
    func extend(_ value: Value, to step: Int) {
      for base in bases(of: value) {
        guard let life = result[base] else { continue }
        result[base] = life.lowerBound...max(life.upperBound, step)
      }
    }
    for (index, step) in steps.enumerated() { result[step.output] = index + 1...index + 1 }
    for (index, step) in steps.enumerated() {
      for value in step.reads { extend(value, to: index + 1) }
    }
    for value in kept { extend(value, to: steps.count + 1) }
    return result
  }
}
