import DLACore
import DLAKernelTypes

/// A convolution's weights where they lie, read as they are or as those of the transposed convolution.
struct StridedWeights {
  /// The convolution that reads them.
  let convolution: Convolution
  let bias: UnsafePointer<Float>?
  private let base: UnsafePointer<Float>
  /// Rows of taps, and taps of a row.
  private let kernelSize: Size
  /// From one output channel of a group to the next, and from one input channel to the next.
  private let outputStep: Int
  private let inputStep: Int
  /// From one row of taps to the next, and from one tap to the next.
  private let rowStep: Int
  private let columnStep: Int
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
    kernelSize = Size(height: convolution.side, width: convolution.side)
    rowStep = convolution.side
    columnStep = 1
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
    kernelSize = Size(height: convolution.side, width: convolution.side)
    rowStep = -convolution.side
    columnStep = -1
    firstTap = area - 1
    groupStep = convolution.outputChannels / convolution.groups * inputs * area
  }

  /// The middle tap alone, as the weights of a 1×1 convolution.
  var middleTap: StridedWeights {
    let middle = convolution.side / 2
    return window(
      row: middle, column: middle, size: Size(height: 1, width: 1), step: 1,
      of: Convolution(
        from: convolution.inputChannels, to: convolution.outputChannels, side: 1,
        groups: convolution.groups, hasBias: convolution.hasBias))
  }

  /// Some rows and columns of the taps, `step` apart, as the weights of another convolution.
  func window(
    row: Int, column: Int, size: Size, step: Int, of convolution: Convolution
  ) -> StridedWeights {
    StridedWeights(
      convolution: convolution, bias: bias, base: base, kernelSize: size, outputStep: outputStep,
      inputStep: inputStep, rowStep: step * rowStep, columnStep: step * columnStep,
      groupStep: groupStep, firstTap: firstTap + row * rowStep + column * columnStep)
  }

  private init(
    convolution: Convolution, bias: UnsafePointer<Float>?, base: UnsafePointer<Float>,
    kernelSize: Size, outputStep: Int, inputStep: Int, rowStep: Int, columnStep: Int,
    groupStep: Int, firstTap: Int
  ) {
    self.convolution = convolution
    self.bias = bias
    self.base = base
    self.kernelSize = kernelSize
    self.outputStep = outputStep
    self.inputStep = inputStep
    self.rowStep = rowStep
    self.columnStep = columnStep
    self.groupStep = groupStep
    self.firstTap = firstTap
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

  /// Copies the taps between some outputs and inputs of one group to where outputs lie side by side.
  ///
  /// Reads along lines of memory: neighbours across a bank of filters are often a multiple of the
  /// cache's own stride apart, and would drive each other out of it.
  ///
  /// - Parameters:
  ///   - outputs: output channels.
  ///   - inputs: input channels.
  ///   - destination: the first output's first tap of the first input.
  ///   - inputStep: from one input to the next.
  ///   - kernels: what transposes.
  ///   - place: how far behind the first tap another one goes.
  func copy(
    outputs: Range<Int>, inputs: Range<Int>, to destination: UnsafeMutablePointer<Float>,
    inputStep: Int, _ kernels: TrainingKernels, place: (_ row: Int, _ column: Int) -> Int
  ) {
    let base = taps(output: outputs.lowerBound, input: inputs.lowerBound)
    for row in 0..<kernelSize.height {
      for column in 0..<kernelSize.width {
        let from = base + row * rowStep + column * columnStep
        let to = destination + place(row, column)
        if self.inputStep == 1 {
          kernels.transpose(
            TransposeCall(
              source: from, sourceRow: outputStep, rows: outputs.count, columns: inputs.count,
              destination: to, destinationRow: inputStep))
        } else if outputStep == 1 {
          for input in 0..<inputs.count {
            (to + input * inputStep).update(
              from: from + input * self.inputStep, count: outputs.count)
          }
        } else if outputStep < self.inputStep {
          for input in 0..<inputs.count {
            let (from, to) = (from + input * self.inputStep, to + input * inputStep)
            for output in 0..<outputs.count { to[output] = from[output * outputStep] }
          }
        } else {
          for output in 0..<outputs.count {
            let from = from + output * outputStep
            for input in 0..<inputs.count {
              to[input * inputStep + output] = from[input * self.inputStep]
            }
          }
        }
      }
    }
  }

  /// The same as a list, for steps that pack seldom or little.
  var folded: FoldedWeights {
    let inputs = convolution.inputChannels / convolution.groups
    var weights: [Float] = []
    weights.reserveCapacity(convolution.outputChannels * inputs * kernelSize.area)
    for output in 0..<convolution.outputChannels {
      for input in self.inputs(ofOutput: output) {
        let taps = taps(output: output, input: input)
        for row in 0..<kernelSize.height {
          for column in 0..<kernelSize.width {
            weights.append(taps[row * rowStep + column * columnStep])
          }
        }
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
  /// The convolution that takes gradients of the output to gradients of the input; behind a stride its
  /// taps are divided into phases.
  var transposed: Convolution {
    Convolution(from: outputChannels, to: inputChannels, side: side, groups: groups)
  }
}

extension ConvolutionStep {
  /// Pieces that packing is divided into, for weights that change.
  var packingUnits: Int { 1 }

  /// Packs a piece of weights that no batch norm follows; what is always zero must be there already.
  func pack(
    _ weights: StridedWeights, unit: Int, into destination: UnsafeMutablePointer<Float>
  ) {
    pack(weights.folded, into: destination)
  }
}
