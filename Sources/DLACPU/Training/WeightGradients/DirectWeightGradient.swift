import CDLAKernels
import DLAGraph

/// Gradients of weights as they are defined: each kernel element's inputs times the gradients.
///
/// A unit of work holds the sums of a block of weights over a part of the pixels. Pixels are taken
/// in chunks that stay in the caches while a block's inputs, outputs and kernel elements pass.
struct DirectWeightGradientStep: Step {
  var name: String { problem.name }
  private let problem: WeightGradientProblem
  private let blocks: [WeightGradientBlock]
  private let chunks: [PixelChunk]
  private let destination: WeightGradientParts

  /// Pixels of a chunk: a block's gradients and inputs stay in the caches while they pass each
  /// other, and sums are long enough that storing them does not count.
  private static let chunkPixels = 1024
  /// Channel blocks of outputs and of inputs of a block, which are fewer where kernels have many
  /// kernel elements.
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

  /// The step that must run after this one.
  var sum: SumPartsStep? { destination.sum(name) }

  private var side: Int { problem.convolution.kernelSize }
  private var columns: Int { problem.isNCHW ? side : Layout.channelsPerBlock }
  /// Kernel elements that are passed one by one; those of a row of an NCHW image are passed
  /// together.
  private var kernelElements: Int { problem.isNCHW ? side : side * side }
  /// Sums of one kernel element of a pair of channel blocks.
  private var sumFloats: Int { problem.channelBlocksTogether * columns * Layout.channelsPerBlock }

  var scratchFloats: Int { (blocks.map(\.pairs).max() ?? 0) * kernelElements * sumFloats }

  func run(_ worker: Worker) {
    worker.parallelFor(of: blocks.count * destination.parts) { unit in
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

/// The destination of weight gradients: their final place, or separate memory for each part
/// of the pixels.
struct WeightGradientParts: Sendable {
  let parts: Int
  private let count: Int
  private let target: ParameterBlock
  private let offset: Int
  private let memory: AlignedFloats?

  /// Divides the pixels into `chunks` if the weights alone do not give every worker a unit.
  ///
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

/// The gradient of a convolution's bias: the sum of its output's gradients.
struct BiasGradientStep: Step {
  let name: String
  let gradient: TensorView
  let gradients: ParameterBlock
  let offset: Int

  func run(_ worker: Worker) {
    let size = gradient.geometry.size
    for index in worker.share(of: gradient.channelBlocks.count) {
      for (lane, channel) in gradient.channelBlocks[index].channels.enumerated() {
        var sum = 0.0
        for image in 0..<gradient.geometry.images {
          let rows = gradient.rows(channelBlock: index, image: image, worker.arena)
          for y in 0..<size.height {
            for x in 0..<size.width {
              sum += Double(rows.base[y * rows.row + x * rows.pixel + lane])
            }
          }
        }
        gradients.base[offset + channel] = Float(sum)
      }
    }
  }
}
