import CDLAKernels
import DLAGraph

/// Brings a convolution's parameters into the order in which its kernel reads them, anew for each
/// step of training.
///
/// All layers use the same memory, right before they read it, so that it does not leave the cache.
struct PackStep: Step {
  var name: String { step.name }
  let step: any ConvolutionStep
  let parameters: ParameterBlock
  /// The convolution of the network.
  let convolution: Convolution
  /// The offsets of its weights and of its bias, if it has one, among the parameters.
  let weights: Int
  let bias: Int?
  /// True if the weights are for the transposed convolution, by which gradients of the input are
  /// computed.
  let isTransposed: Bool
  /// True if only the middle kernel element is read.
  let isTrimmed: Bool
  /// The phase whose kernel elements are read; nil for all kernel elements.
  let phase: TransposedSubkernel?

  func run(_ worker: Worker) {
    let weights = UnsafePointer(parameters.base + weights)
    let all =
      isTransposed
      ? StridedWeights(transposing: weights, of: convolution)
      : StridedWeights(
        weights, bias: bias.map { UnsafePointer(parameters.base + $0) }, of: convolution)
    let read = phase.map(all.kernelElements) ?? (isTrimmed ? all.middleElement : all)
    worker.parallelFor(of: step.packingUnits) {
      step.pack(read, unit: $0, into: worker.packed(step))
    }
  }
}

/// Sets the weights of a convolution to zero that packing does not fill: channel blocks with fewer
/// than sixteen channels, and zeros between groups.
struct ClearPackedStep: Step {
  var name: String { step.name }
  let step: any ConvolutionStep

  func run(_ worker: Worker) {
    let share = worker.share(of: step.packedFloats)
    (worker.packed(step) + share.lowerBound).update(repeating: 0, count: share.count)
  }
}

extension Worker {
  /// The packed weights of a step, to be written.
  fileprivate func packed(_ step: any ConvolutionStep) -> UnsafeMutablePointer<Float> {
    UnsafeMutablePointer(mutating: weights) + step.packedOffset
  }
}

extension ConvolutionProblem {
  /// True if packed weights have no zeros between those of the network.
  var fillsPackedWeights: Bool {
    groupsOffChannelBlocks == nil && source.geometry.pixel == Layout.channelsPerBlock
      && (source.channelBlocks + destination.channelBlocks).allSatisfy {
        $0.channels.count == Layout.channelsPerBlock
      }
  }
}
