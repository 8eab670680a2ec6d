import DLACore
import DLAKernelTypes

/// Brings parameters into the order in which kernels read them, anew for each step of training.
struct PackStep: Step {
  let name = "weights"
  private let parameters: ParameterBlock
  private let packed: AlignedFloats
  private let jobs: [Job]

  /// A convolution's weights, and its other self's, by which gradients of its input are computed.
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
  }

  func run(_ worker: Worker) {
    worker.forEach(of: jobs.count) { pack(jobs[$0]) }
  }

  private func pack(_ job: Job) {
    let convolution = job.convolution
    let count = convolution.weightShape.reduce(1, *)
    let values = UnsafeBufferPointer(start: parameters.base + job.weights, count: count)
    let channels = job.isTransposed ? convolution.inputChannels : convolution.outputChannels
    let bias = job.bias.map {
      Array(UnsafeBufferPointer(start: parameters.base + $0, count: channels))
    }
    let folded = FoldedWeights(
      weights: job.isTransposed ? convolution.transposed(values) : Array(values),
      scale: Array(repeating: 1, count: channels),
      bias: bias ?? Array(repeating: 0, count: channels),
      convolution: job.isTransposed ? convolution.transposed : convolution)
    job.step.pack(folded, into: packed.base + job.step.packedOffset)
  }
}

extension Convolution {
  /// The convolution that takes gradients of the output, as far apart as the stride has them, to
  /// gradients of the input.
  var transposed: Convolution {
    Convolution(from: outputChannels, to: inputChannels, side: side, groups: groups)
  }

  /// The weights of the transposed convolution: channels exchanged within groups, kernels turned.
  func transposed(_ weights: UnsafeBufferPointer<Float>) -> [Float] {
    let inputs = inputChannels / groups
    let outputs = outputChannels / groups
    let area = side * side
    return [Float](unsafeUninitializedCapacity: weights.count) { result, count in
      for group in 0..<groups {
        for input in 0..<inputs {
          for output in 0..<outputs {
            let from = ((group * outputs + output) * inputs + input) * area
            let to = ((group * inputs + input) * outputs + output) * area
            for tap in 0..<area { result[to + tap] = weights[from + area - 1 - tap] }
          }
        }
      }
      count = weights.count
    }
  }
}
