import DLACore
import DLAKernelTypes

/// Brings parameters into the order in which kernels read them, anew for each step of training.
struct PackStep: Step {
  let name = "weights"
  private let parameters: ParameterBlock
  private let packed: AlignedFloats
  private let jobs: [Job]
  /// Job and piece of each unit of work.
  private let units: [(job: Int, unit: Int)]

  /// A convolution's weights, or those of its transposed self, by which gradients of its input are
  /// computed.
  struct Job {
    let step: any ConvolutionStep
    /// The convolution of the network.
    let convolution: Convolution
    let weights: Int
    let bias: Int?
    let isTransposed: Bool
  }

  init(_ jobs: [Job], parameters: ParameterBlock, packed: AlignedFloats) {
    self.jobs = jobs
    self.parameters = parameters
    self.packed = packed
    units = jobs.enumerated().flatMap { index, job in
      (0..<job.step.packingUnits).map { (index, $0) }
    }
  }

  func run(_ worker: Worker) {
    worker.forEach(of: units.count) { pack(jobs[units[$0].job], units[$0].unit) }
  }

  private func pack(_ job: Job, _ unit: Int) {
    let weights = UnsafePointer(parameters.base + job.weights)
    let strided =
      job.isTransposed
      ? StridedWeights(transposing: weights, of: job.convolution)
      : StridedWeights(
        weights, bias: job.bias.map { UnsafePointer(parameters.base + $0) }, of: job.convolution)
    job.step.pack(strided, unit: unit, into: packed.base + job.step.packedOffset)
  }
}
