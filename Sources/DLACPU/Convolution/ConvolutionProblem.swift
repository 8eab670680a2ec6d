import CDLAKernels
import DLABackend
import DLAGraph
import DLATensor

/// One convolution of a plan: its computation, the layout of its feature maps, and the hardware.
struct ConvolutionProblem {
  let name: String
  let fused: FusedConvolution
  let source: TensorView
  let destination: TensorView
  let shortcut: TensorView?
  let instructionSet: InstructionSet
  let workers: Int
  /// Bytes of the cache that each core has for itself.
  let cacheBytes: Int
  /// The parity of the pixels that are computed in a gradient behind a stride; nil for all pixels.
  var phase: TransposedSubkernel?

  var kernels: KernelTable { instructionSet.kernels }
  var costs: CostModel { CostModel(instructionSet, cacheBytes: cacheBytes) }

  /// The convolution that is computed; its kernel may be only the middle element of the network's.
  var convolution: Convolution {
    phase == nil ? fused.convolution.trimmed(to: source.geometry.size) : fused.convolution
  }

  /// True if no feature map has a border and pixels are read one to one: then all pixels of all
  /// images are one row.
  var isFlat: Bool {
    convolution.kernelSize == 1 && convolution.stride == 1 && source.geometry.border == 0
      && destination.geometry.border == 0 && shortcut?.geometry.border ?? 0 == 0
      && source.geometry.pixel == Layout.channelsPerBlock
  }

  /// The reason why groups can't be computed channel block by channel block; nil if they can.
  var groupsOffChannelBlocks: String? {
    let full = Layout.channelsPerBlock
    guard convolution.groups > 1 else { return nil }
    let width = convolution.inChannels / convolution.groups
    guard width % full == 0, convolution.outChannels / convolution.groups % full == 0 else {
      return "\(width) channels a group do not fill channel blocks of 16"
    }
    let isWhole = (source.channelBlocks + destination.channelBlocks).allSatisfy {
      $0.channels.count == full && $0.channels.lowerBound % full == 0
    }
    return isWhole ? nil : "a group starts inside a channel block"
  }

  /// From the start of an image of the source to the first kernel element of its pixel (0, 0).
  var firstElement: Int {
    if phase != nil { return source.geometry.origin }
    return (source.geometry.border - convolution.padding)
      * (source.geometry.row + source.geometry.pixel)
  }

  /// Rows of the kernel, and kernel elements of a row.
  var kernelSize: SpatialSize {
    phase?.kernelSize ?? SpatialSize(height: convolution.kernelSize, width: convolution.kernelSize)
  }

  /// For each output channel block the source channel blocks it reads: those that hold a channel of
  /// its groups, or all where their number is not always the same.
  var sourcesOfChannelBlocks: [Range<Int>] {
    let inputs = convolution.inChannels / convolution.groups
    let outputs = convolution.outChannels / convolution.groups
    let sources = destination.channelBlocks.map { channelBlock in
      let channels =
        channelBlock.channels.lowerBound / outputs * inputs..<(channelBlock.channels.upperBound - 1)
        / outputs
        * inputs + inputs
      let read = source.channelBlocks.indices.filter {
        source.channelBlocks[$0].channels.overlaps(channels)
      }
      return read[0]..<read[read.count - 1] + 1
    }
    return Set(sources.map(\.count)).count == 1
      ? sources : destination.channelBlocks.map { _ in source.channelBlocks.indices }
  }
}

/// A way to compute a convolution.
struct Candidate {
  /// The division of the work; empty if there is only one.
  ///
  /// It distinguishes the candidates of an algorithm, also in stored timings.
  let detail: String
  /// The predicted cycles of the slowest worker.
  let cycles: Double
  let make: () -> any ConvolutionStep
}

/// The candidates of an algorithm for a convolution, or the reason why there are none.
enum Candidacy {
  case accepted([Candidate])
  /// One clause, for instance "8 channels a group do not fill a channel block".
  case declined(String)
}

/// A convolution step and the weights it wants to read.
protocol ConvolutionStep: Step {
  /// Floats of packed weights and bias.
  var packedFloats: Int { get }
  /// The offset of its packed weights; set once, when all steps are known.
  var packedOffset: Int { get set }
  /// Floats of memory that each worker needs for itself.
  var scratchFloats: Int { get }
  /// A name for the order that `pack` writes in. Whatever changes the order needs another name,
  /// unless it is the convolution, the channels of its feature maps' channel blocks or the vectors'
  /// width.
  var packing: String { get }
  /// Computes the same convolution of other feature maps of the same shape, with the same weights.
  mutating func move(to problem: ConvolutionProblem)
  /// Writes weights and bias in the order the kernel reads them; `destination` is zeroed.
  func pack(_ weights: FoldedWeights, into destination: UnsafeMutablePointer<Float>)
  /// Pieces that packing is divided into, for weights that change.
  var packingUnits: Int { get }
  /// Packs a piece of weights that no batch norm follows. Where `fillsPackedWeights` is false, what
  /// is always zero must be zero in the memory.
  func pack(_ weights: StridedWeights, unit: Int, into destination: UnsafeMutablePointer<Float>)
}

struct ConvolutionAlgorithm: Sendable {
  let name: String
  let consider: @Sendable (ConvolutionProblem) -> Candidacy

  /// All algorithms; every convolution is accepted by one of the last two.
  static let all: [ConvolutionAlgorithm] =
    winograd + [winogradRows, grouped, direct, directOnBlockDiagonalExpansion]
}

extension Plan {
  package static let algorithms = ConvolutionAlgorithm.all.map(\.name)
}

extension ConvolutionProblem {
  /// The candidate with the least predicted time.
  ///
  /// `forced` names an algorithm that is used wherever it is supported.
  func choose(forced: String? = nil) -> (step: any ConvolutionStep, choice: AlgorithmChoice) {
    var best: (algorithm: String, candidate: Candidate)?
    var declined: [(algorithm: String, reason: String)] = []
    func decline(_ algorithm: String, _ candidate: Candidate) {
      declined.append((algorithm, "\(Int((candidate.seconds * 1e6).rounded())) µs"))
    }
    for algorithm in ConvolutionAlgorithm.all {
      switch algorithm.consider(self) {
      case .declined(let reason): declined.append((algorithm.name, reason))
      case .accepted(let candidates):
        guard let candidate = candidates.min(by: { $0.cycles < $1.cycles }) else { continue }
        guard let leader = best else {
          best = (algorithm.name, candidate)
          continue
        }
        let isForced = leader.algorithm == forced
        if !isForced, algorithm.name == forced || candidate.cycles < leader.candidate.cycles {
          decline(leader.algorithm, leader.candidate)
          best = (algorithm.name, candidate)
        } else {
          decline(algorithm.name, candidate)
        }
      }
    }
    guard let best else { preconditionFailure("\(name): no algorithm accepts the convolution") }
    return (
      best.candidate.make(),
      AlgorithmChoice(
        algorithm: best.algorithm, detail: best.candidate.detail,
        predictedSeconds: best.candidate.seconds, declined: declined)
    )
  }
}

extension Candidate {
  var seconds: Double { cycles / CostModel.nominalHertz }
}
