import DLACore

/// A convolution's weights where they lie, read as they are or as those of the transposed convolution.
struct StridedWeights {
  /// The convolution that reads them.
  let convolution: Convolution
  let bias: UnsafePointer<Float>?
  private let base: UnsafePointer<Float>
  /// From one output channel of a group to the next, from one input channel to the next, and from one
  /// tap to the next.
  let outputStep: Int
  let inputStep: Int
  let tapStep: Int
  private let groupStep: Int
  private let firstTap: Int

  /// Reads weights as they are, [O, I / groups, side, side].
  init(_ weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?, of convolution: Convolution) {
    let area = convolution.side * convolution.side
    let inputs = convolution.inputChannels / convolution.groups
    self.convolution = convolution
    self.bias = bias
    base = weights
    outputStep = inputs * area
    inputStep = area
    tapStep = 1
    firstTap = 0
    groupStep = convolution.outputChannels / convolution.groups * outputStep
  }

  /// Reads them as the weights of the transposed convolution: channels exchanged within groups, kernels
  /// turned.
  init(transposing weights: UnsafePointer<Float>, of convolution: Convolution) {
    let area = convolution.side * convolution.side
    let inputs = convolution.inputChannels / convolution.groups
    self.convolution = convolution.transposed
    bias = nil
    base = weights
    outputStep = area
    inputStep = inputs * area
    tapStep = -1
    firstTap = area - 1
    groupStep = convolution.outputChannels / convolution.groups * inputs * area
  }

  /// The first tap between an output channel and an input channel of its group.
  func taps(output: Int, input: Int) -> UnsafePointer<Float> {
    let outputs = convolution.outputChannels / convolution.groups
    let (group, place) = output.quotientAndRemainder(dividingBy: outputs)
    let inputs = convolution.inputChannels / convolution.groups
    return base + group * groupStep + place * outputStep + (input - group * inputs) * inputStep
      + firstTap
  }

  /// The input channels that an output channel reads.
  func inputs(ofOutput output: Int) -> Range<Int> {
    let inputs = convolution.inputChannels / convolution.groups
    let group = output / (convolution.outputChannels / convolution.groups)
    return group * inputs..<(group + 1) * inputs
  }

  /// The same as a list, for steps that pack seldom or little.
  var folded: FoldedWeights {
    let inputs = convolution.inputChannels / convolution.groups
    let area = convolution.side * convolution.side
    var weights: [Float] = []
    weights.reserveCapacity(convolution.outputChannels * inputs * area)
    for output in 0..<convolution.outputChannels {
      for input in self.inputs(ofOutput: output) {
        let taps = taps(output: output, input: input)
        for tap in 0..<area { weights.append(taps[tap * tapStep]) }
      }
    }
    let channels = convolution.outputChannels
    return FoldedWeights(
      weights: weights, scale: Array(repeating: 1, count: channels),
      bias: bias.map { Array(UnsafeBufferPointer(start: $0, count: channels)) }
        ?? Array(repeating: 0, count: channels), convolution: convolution)
  }
}

extension Convolution {
  /// The convolution that takes gradients of the output, as far apart as the stride has them, to
  /// gradients of the input.
  var transposed: Convolution {
    Convolution(from: outputChannels, to: inputChannels, side: side, groups: groups)
  }
}

extension ConvolutionStep {
  /// Pieces that packing is divided into, for weights that change.
  var packingUnits: Int { 1 }

  /// Packs a piece of weights that no batch norm follows; what is always zero is there already.
  func pack(
    _ weights: StridedWeights, unit: Int, into destination: UnsafeMutablePointer<Float>
  ) {
    pack(weights.folded, into: destination)
  }
}
