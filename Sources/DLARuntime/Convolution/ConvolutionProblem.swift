import DLACore
import DLAKernelTypes

/// One convolution of a plan: what it computes, where its maps lie, on which machine.
struct ConvolutionProblem {
  let name: String
  let fused: FusedConvolution
  let source: MapView
  let destination: MapView
  let shortcut: MapView?
  let kernels: KernelTable
  let workers: Int

  var convolution: Convolution { fused.convolution }

  /// Whether no map has a border and pixels are read one to one: then all pixels of all images are
  /// one row.
  var isFlat: Bool {
    convolution.side == 1 && convolution.stride == 1 && source.geometry.border == 0
      && destination.geometry.border == 0 && shortcut?.geometry.border ?? 0 == 0
      && source.geometry.pixel == Layout.channelsPerPlane
  }
}

/// A way to compute a convolution, or the reason why it can't.
enum Candidacy {
  case accepted(any ConvolutionStep)
  /// One clause, for instance "8 channels a group do not fill a plane".
  case declined(String)
}

/// A convolution step and the weights it wants to read.
protocol ConvolutionStep: Step {
  /// Floats of packed weights and bias.
  var packedFloats: Int { get }
  /// Where its packed weights start; set once, when all steps are known.
  var packedOffset: Int { get set }
  /// A name for the order that `pack` writes in. Whatever changes the order needs another name,
  /// unless it is the convolution, the channels of its maps' planes or the vectors' width.
  var packing: String { get }
  /// Writes weights and bias in the order the kernel reads them; `destination` is zeroed.
  func pack(_ weights: FoldedWeights, into destination: UnsafeMutablePointer<Float>)
}

/// An algorithm for convolutions.
struct ConvolutionAlgorithm: Sendable {
  let name: String
  let consider: @Sendable (ConvolutionProblem) -> Candidacy

  /// All algorithms, the fastest first; the last accepts every convolution.
  static let candidates: [ConvolutionAlgorithm] = [.grouped, .direct, .directOnFilledGroups]
}

/// The algorithm a plan chose for a layer, and why not another.
package struct AlgorithmChoice: Sendable {
  /// The algorithm's name.
  package let algorithm: String
  /// Algorithms that come before it, each with the reason why it declined.
  package let declined: [(algorithm: String, reason: String)]
}

extension ConvolutionProblem {
  /// The first algorithm that accepts.
  func choose() -> (step: any ConvolutionStep, choice: AlgorithmChoice) {
    var declined: [(algorithm: String, reason: String)] = []
    for candidate in ConvolutionAlgorithm.candidates {
      switch candidate.consider(self) {
      case .accepted(let step):
        return (step, AlgorithmChoice(algorithm: candidate.name, declined: declined))
      case .declined(let reason): declined.append((candidate.name, reason))
      }
    }
    preconditionFailure("\(name): the last algorithm accepts every convolution")
  }
}
