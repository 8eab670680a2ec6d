import CDLAKernels
import DLASystem

/// The peak of multiply-adds of this hardware: the direct kernel's widest tile on data that stays
/// in the first-level cache, on all threads of a pool at once.
package final class KernelPeak: ParallelJob {
  private let kernels: KernelTable
  private let calls: Int

  private static let kernelElements = 128

  private init(_ instructionSet: InstructionSet, calls: Int) {
    kernels = instructionSet.kernels
    self.calls = calls
  }

  /// Multiplications and additions a second, the best of some short runs.
  package static func flops(_ instructionSet: InstructionSet, on pool: ThreadPool) -> Double {
    let job = KernelPeak(instructionSet, calls: 4000)
    let operations =
      2 * pool.count * job.calls * kernelElements * job.kernels.columns * 2 * job.kernels.lanes
    let seconds = (0..<8).map { _ in
      let start = Platform.monotonicSeconds
      pool.run(job)
      return Platform.monotonicSeconds - start
    }
    return seconds.min().map { Double(operations) / $0 } ?? 0
  }

  package func work(worker: Int) {
    let columns = kernels.columns
    let width = 2 * kernels.lanes
    let geometry = DirectConvolution(
      pixelStep: .blocked, sourceChannelBlocks: 1, kernelRows: 1,
      kernelElements: Self.kernelElements, stride: 1,
      sourceRow: 0, destinationRow: 0, shortcutRow: 0, relu: true)
    let sourceFloats = columns * Layout.channelsPerBlock + Self.kernelElements
    let outputFloats = columns * Layout.channelsPerBlock + width
    let total = sourceFloats + (Self.kernelElements + 1) * width + outputFloats
    withUnsafeTemporaryAllocation(of: Float.self, capacity: total) { memory in
      memory.initialize(repeating: 0)
      guard let source = memory.baseAddress else { return }
      let weights = source + sourceFloats
      let destination = weights + (Self.kernelElements + 1) * width
      withUnsafePointer(to: 0) { channelBlocks in
        for _ in 0..<calls {
          kernels.convolve(
            geometry,
            ConvolutionCall(
              source: source, channelBlocks: channelBlocks, weights: weights + width, bias: weights,
              destination: destination, destinationVector: kernels.lanes, shortcut: nil,
              shortcutVector: 0, vectors: 2, rows: IndexRange(0..<1),
              columns: IndexRange(0..<columns)))
        }
      }
    }
  }
}
