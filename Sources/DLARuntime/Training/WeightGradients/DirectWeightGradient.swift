import DLACore
import DLAKernelTypes

/// Gradients of weights as they are defined: each tap's inputs times the gradients.
///
/// A unit of work holds the sums of a block of weights over a part of the pixels. Pixels are taken in
/// chunks that stay in the caches while a block's inputs, outputs and taps pass.
struct DirectWeightGradientStep: Step {
  var name: String { problem.name }
  private let problem: WeightGradientProblem
  private let blocks: [WeightGradientBlock]
  private let chunks: [PixelChunk]
  private let destination: WeightGradientParts

  /// Pixels of a chunk: a block's gradients and inputs stay in the caches while they pass each other,
  /// and sums are long enough that storing them does not count.
  private static let chunkPixels = 1024
  /// Planes of outputs and of inputs of a block, which are fewer where kernels have many taps.
  private static let largestBlock = (outputs: 8, inputs: 16)
  /// Bytes of a block's sums; they share the second-level cache with a chunk.
  private static let largestSums = 128 << 10

  /// - Throws: `RuntimeError` with `.outOfMemory`.
  init(_ problem: WeightGradientProblem, target: ParameterBlock) throws(RuntimeError) {
    self.problem = problem
    chunks = problem.chunks(of: Self.chunkPixels)
    let side = problem.convolution.side
    let pair =
      side * side * (problem.isPlanar ? 1 : Layout.channelsPerPlane)
      * Layout.channelsPerPlane * MemoryLayout<Float>.size
    var largest = Self.largestBlock
    while largest.outputs * largest.inputs * pair > Self.largestSums, largest.inputs > 1 {
      if largest.outputs > 2 { largest.outputs /= 2 } else { largest.inputs /= 2 }
    }
    blocks = problem.blocks(largest: largest)
    destination = try WeightGradientParts(
      problem, units: blocks.count, chunks: chunks.count, target: target)
  }

  /// What must run behind this step.
  var sum: SumPartsStep? { destination.sum(name) }

  private var side: Int { problem.convolution.side }
  private var columns: Int { problem.isPlanar ? side : Layout.channelsPerPlane }
  /// Taps that are passed one by one; those of a row of a planar image are passed together.
  private var taps: Int { problem.isPlanar ? side : side * side }
  /// Sums of one tap of a pair of planes.
  private var sumFloats: Int { problem.planesTogether * columns * Layout.channelsPerPlane }

  var scratchFloats: Int { (blocks.map(\.pairs).max() ?? 0) * taps * sumFloats }

  func run(_ worker: Worker) {
    worker.forEach(of: blocks.count * destination.parts) { unit in
      let (block, part) = unit.quotientAndRemainder(dividingBy: destination.parts)
      compute(blocks[block], part, worker)
    }
  }

  private func compute(_ block: WeightGradientBlock, _ part: Int, _ worker: Worker) {
    let step = taps * sumFloats
    worker.scratch.update(repeating: 0, count: block.pairs * step)
    withUnsafeTemporaryAllocation(of: CorrelationWindow.self, capacity: taps) { windows in
      for chunk in chunks[destination.share(part, of: chunks.count)] {
        for tap in 0..<taps { windows.initializeElement(at: tap, to: window(chunk, tap)) }
        var sums = worker.scratch
        for outputs in block.outputs {
          let gradient = worker.arena + problem.gradient.planes[outputs.lowerBound].offset
          let vectors = problem.vectors(
            outputs,
            planeStep: problem.gradient.planes[outputs.upperBound - 1].offset
              - problem.gradient.planes[outputs.lowerBound].offset)
          for plane in block.inputs {
            let input = worker.arena + problem.input.planes[plane].offset
            for tap in 0..<taps where !windows[tap].isEmpty {
              correlate(
                windows[tap], input: input, gradient: gradient, vectors,
                sums: sums + tap * sumFloats)
            }
            sums += step
          }
        }
      }
    }
    var sums = UnsafePointer(worker.scratch)
    for outputs in block.outputs {
      for input in block.inputs {
        problem.store(
          sums, tapStep: sumFloats, outputs: outputs, input: input, to: destination[part])
        sums += step
      }
    }
  }

  private func window(_ chunk: PixelChunk, _ tap: Int) -> CorrelationWindow {
    let (row, column) = problem.isPlanar ? (tap, 0) : tap.quotientAndRemainder(dividingBy: side)
    return problem.window(chunk, tapRow: row, tapColumn: column, isRow: problem.isPlanar)
  }

  private func correlate(
    _ window: CorrelationWindow, input: UnsafePointer<Float>, gradient: UnsafePointer<Float>,
    _ vectors: (count: Int, step: Int), sums: UnsafeMutablePointer<Float>
  ) {
    problem.kernels.training.correlate(
      CorrelationCall(
        problem.pixels(window, input: input, gradient: gradient), gradientVector: vectors.step,
        columns: columns, vectors: vectors.count, sums: sums))
  }
}
