import CDLAKernels
import DLAGraph

/// Gradients of the weights of a grouped 3×3 convolution: of each vector of outputs with the
/// vectors of inputs that its groups read, without the products between groups of four channels or
/// more.
struct GroupedWeightGradientStep: Step {
  var name: String { problem.name }
  private let problem: WeightGradientProblem
  private let pairs: [Pair]
  private let chunks: [PixelChunk]
  private let destination: WeightGradientParts

  /// A vector of outputs and one of inputs, by the first channel of each.
  private struct Pair {
    let output: Int
    let input: Int
  }

  /// Gradients and inputs of so many pixels stay in the first-level cache while kernel elements
  /// pass.
  private static let chunkPixels = 256
  private static let side = 3

  /// - Throws: `RuntimeError` with `.outOfMemory`.
  /// - Precondition: the problem's `suitsGroupedKernel`.
  init(_ problem: WeightGradientProblem, target: ParameterBlock) throws(RuntimeError) {
    self.problem = problem
    let lanes = problem.kernels.lanes
    pairs = stride(from: 0, to: problem.convolution.outChannels, by: lanes).flatMap { output in
      // Groups narrower than a vector lie within one.
      let group = problem.convolution.inputs(ofGroupWith: output)
      return stride(from: group.lowerBound / lanes * lanes, to: group.upperBound, by: lanes).map {
        Pair(output: output, input: $0)
      }
    }
    chunks = problem.chunks(of: Self.chunkPixels)
    destination = try WeightGradientParts(
      problem, units: pairs.count, chunks: chunks.count, target: target)
  }

  /// The step that must run after this one.
  var sum: SumPartsStep? { destination.sum(name) }

  private var lanes: Int { problem.kernels.lanes }
  /// Lane permutations; kernels take four at a time.
  private var masks: Int { max(4, min(lanes, problem.convolution.inputsPerGroup)) }
  /// Sums of one row of the kernel: [kernel element][mask][lane].
  private var rowFloats: Int { Self.side * masks * lanes }

  var scratchFloats: Int { Self.side * rowFloats }

  func run(_ worker: Worker) {
    worker.parallelFor(of: pairs.count * destination.parts) { unit in
      let (pair, part) = unit.quotientAndRemainder(dividingBy: destination.parts)
      compute(pairs[pair], part, worker)
      store(pairs[pair], UnsafePointer(worker.scratch), to: destination[part])
    }
  }

  private func compute(_ pair: Pair, _ part: Int, _ worker: Worker) {
    worker.scratch.update(repeating: 0, count: scratchFloats)
    let input = worker.arena + problem.input.offset(ofChannel: pair.input)
    let gradient = worker.arena + problem.gradient.offset(ofChannel: pair.output)
    for chunk in chunks[destination.share(part, of: chunks.count)] {
      for row in 0..<Self.side {
        let window = problem.window(chunk, tapRow: row, elementColumn: 0, isRow: true)
        guard !window.isEmpty else { continue }
        problem.kernels.groupedWeightGradient(
          GroupedWeightGradientCall(
            pixels: problem.pixels(window, input: input, gradient: gradient), masks: masks,
            sums: worker.scratch + row * rowFloats))
      }
    }
  }

  /// Brings sums to their places among the weights, [O, I / groups, 3, 3].
  private func store(
    _ pair: Pair, _ sums: UnsafePointer<Float>, to weights: UnsafeMutablePointer<Float>
  ) {
    let convolution = problem.convolution
    for output in 0..<lanes {
      let channel = pair.output + output
      let group = convolution.inputs(ofGroupWith: channel)
      for input in 0..<lanes where group.contains(pair.input + input) {
        let from = sums + (output ^ input) * lanes + input
        let to =
          weights
          + (channel * convolution.inputsPerGroup + pair.input + input - group.lowerBound)
          * Self.side * Self.side
        for kernelElement in 0..<Self.side * Self.side {
          to[kernelElement] = from[kernelElement * masks * lanes]
        }
      }
    }
  }
}

extension WeightGradientProblem {
  /// True if the groups' lanes can be permuted: 3×3 kernel elements, as many outputs as inputs and
  /// a power of two of them in a group, channel blocks that are full, and zeros around the input
  /// that outer kernel elements read.
  var suitsGroupedKernel: Bool {
    let width = convolution.inputsPerGroup
    let full = Layout.channelsPerBlock
    return convolution.groups > 1 && convolution.kernelSize == 3 && width & (width - 1) == 0
      && convolution.outChannels == convolution.inChannels
      && input.geometry.border >= convolution.padding
      && (input.channelBlocks + gradient.channelBlocks).allSatisfy {
        $0.channels.count == full && $0.channels.lowerBound % full == 0
      }
  }
}

extension Convolution {
  fileprivate var inputsPerGroup: Int { inChannels / groups }

  /// The input channels that an output channel's group reads.
  fileprivate func inputs(ofGroupWith output: Int) -> Range<Int> {
    let first = output / (outChannels / groups) * inputsPerGroup
    return first..<first + inputsPerGroup
  }
}

extension TensorView {
  /// From the arena's start to a channel of the first image.
  ///
  /// - Precondition: all channel blocks are full.
  fileprivate func offset(ofChannel channel: Int) -> Int {
    let (channelBlock, lane) = channel.quotientAndRemainder(dividingBy: Layout.channelsPerBlock)
    return channelBlocks[channelBlock].offset + lane
  }
}
