import CDLAKernels
import DLAGraph

/// Gradients of weights as they are defined: each kernel element's inputs times the gradients.
///
/// A unit of work holds the sums of a block of weights over a part of the pixels. Pixels are taken in
/// chunks that stay in the caches while a block's inputs, outputs and kernel elements pass.
struct DirectWeightGradientStep: Step {
  var name: String { problem.name }
  private let problem: WeightGradientProblem
  private let blocks: [WeightGradientBlock]
  private let chunks: [PixelChunk]
  private let destination: WeightGradientParts

  /// Pixels of a chunk: a block's gradients and inputs stay in the caches while they pass each other,
  /// and sums are long enough that storing them does not count.
  private static let chunkPixels = 1024
  /// Channel blocks of outputs and of inputs of a block, which are fewer where kernels have many kernel elements.
  private static let largestBlock = (outputs: 8, inputs: 16)
  /// Bytes of a block's sums; they share the second-level cache with a chunk.
  private static let largestSums = 128 << 10

  /// - Throws: `RuntimeError` with `.outOfMemory`.
  init(_ problem: WeightGradientProblem, target: ParameterBlock) throws(RuntimeError) {
    self.problem = problem
    chunks = problem.chunks(of: Self.chunkPixels)
    let side = problem.convolution.kernelSize
    let pair =
      side * side * (problem.isNCHW ? 1 : Layout.channelsPerBlock)
      * Layout.channelsPerBlock * MemoryLayout<Float>.size
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

  private var side: Int { problem.convolution.kernelSize }
  private var columns: Int { problem.isNCHW ? side : Layout.channelsPerBlock }
  /// Kernel elements that are passed one by one; those of a row of a NCHW image are passed together.
  private var kernelElements: Int { problem.isNCHW ? side : side * side }
  /// Sums of one kernel element of a pair of channel blocks.
  private var sumFloats: Int { problem.channelBlocksTogether * columns * Layout.channelsPerBlock }

  var scratchFloats: Int { (blocks.map(\.pairs).max() ?? 0) * kernelElements * sumFloats }

  func run(_ worker: Worker) {
    worker.forEach(of: blocks.count * destination.parts) { unit in
      let (block, part) = unit.quotientAndRemainder(dividingBy: destination.parts)
      compute(blocks[block], part, worker)
    }
  }

  private func compute(_ block: WeightGradientBlock, _ part: Int, _ worker: Worker) {
    let step = kernelElements * sumFloats
    worker.scratch.update(repeating: 0, count: block.pairs * step)
    withUnsafeTemporaryAllocation(of: WeightGradientWindow.self, capacity: kernelElements) {
      windows in
      for chunk in chunks[destination.share(part, of: chunks.count)] {
        for kernelElement in 0..<kernelElements {
          windows.initializeElement(at: kernelElement, to: window(chunk, kernelElement))
        }
        var sums = worker.scratch
        for outputs in block.outputs {
          let gradient = worker.arena + problem.gradient.channelBlocks[outputs.lowerBound].offset
          let vectors = problem.vectors(
            outputs,
            channelBlockStride: problem.gradient.channelBlocks[outputs.upperBound - 1].offset
              - problem.gradient.channelBlocks[outputs.lowerBound].offset)
          for channelBlock in block.inputs {
            let input = worker.arena + problem.input.channelBlocks[channelBlock].offset
            for kernelElement in 0..<kernelElements where !windows[kernelElement].isEmpty {
              weightGradient(
                windows[kernelElement], input: input, gradient: gradient, vectors,
                sums: sums + kernelElement * sumFloats)
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
          sums, elementStep: sumFloats, outputs: outputs, input: input, to: destination[part])
        sums += step
      }
    }
  }

  private func window(_ chunk: PixelChunk, _ kernelElement: Int) -> WeightGradientWindow {
    let (row, column) =
      problem.isNCHW ? (kernelElement, 0) : kernelElement.quotientAndRemainder(dividingBy: side)
    return problem.window(chunk, tapRow: row, elementColumn: column, isRow: problem.isNCHW)
  }

  private func weightGradient(
    _ window: WeightGradientWindow, input: UnsafePointer<Float>, gradient: UnsafePointer<Float>,
    _ vectors: (count: Int, step: Int), sums: UnsafeMutablePointer<Float>
  ) {
    problem.kernels.weightGradient(
      WeightGradientCall(
        pixels: problem.pixels(window, input: input, gradient: gradient),
        gradientVector: vectors.step,
        columns: columns, vectors: vectors.count, sums: sums))
  }
}
