import CDLAKernels
import DLAGraph
import DLATensor

/// A convolution's weights where they lie, read as they are or as those of the transposed
/// convolution.
struct StridedWeights {
  /// The convolution that reads them.
  let convolution: Convolution
  let bias: UnsafePointer<Float>?
  private let base: UnsafePointer<Float>
  /// Rows of kernel elements, and kernel elements of a row.
  private let kernelSize: SpatialSize
  /// From one output channel of a group to the next, and from one input channel to the next.
  private let outputStep: Int
  private let inputStep: Int
  /// From one row of kernel elements to the next, and from one kernel element to the next.
  private let rowStep: Int
  private let columnStep: Int
  private let groupStep: Int
  private let firstElement: Int

  /// Reads weights as they are, [O, I / groups, side, side].
  init(_ weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?, of convolution: Convolution) {
    let area = convolution.kernelSize * convolution.kernelSize
    let inputs = convolution.inChannels / convolution.groups
    (self.convolution, self.bias) = (convolution, bias)
    base = weights
    outputStep = inputs * area
    inputStep = area
    kernelSize = SpatialSize(height: convolution.kernelSize, width: convolution.kernelSize)
    rowStep = convolution.kernelSize
    columnStep = 1
    firstElement = 0
    groupStep = convolution.outChannels / convolution.groups * outputStep
  }

  /// Reads them as the weights of the transposed convolution: channels exchanged within groups,
  /// kernels rotated by 180°.
  init(transposing weights: UnsafePointer<Float>, of convolution: Convolution) {
    let area = convolution.kernelSize * convolution.kernelSize
    let inputs = convolution.inChannels / convolution.groups
    self.convolution = convolution.transposed
    bias = nil
    base = weights
    outputStep = area
    inputStep = inputs * area
    kernelSize = SpatialSize(height: convolution.kernelSize, width: convolution.kernelSize)
    rowStep = -convolution.kernelSize
    columnStep = -1
    firstElement = area - 1
    groupStep = convolution.outChannels / convolution.groups * inputs * area
  }

  /// The middle kernel element alone, as the weights of a 1×1 convolution.
  var middleElement: StridedWeights {
    let middle = convolution.kernelSize / 2
    return window(
      row: middle, column: middle, size: SpatialSize(height: 1, width: 1), step: 1,
      of: Convolution(
        inChannels: convolution.inChannels, outChannels: convolution.outChannels, kernelSize: 1,
        groups: convolution.groups, hasBias: convolution.hasBias))
  }

  /// Some rows and columns of the kernel elements, `step` apart, as the weights of another
  /// convolution.
  func window(
    row: Int, column: Int, size: SpatialSize, step: Int, of convolution: Convolution
  ) -> StridedWeights {
    StridedWeights(
      convolution: convolution, bias: bias, base: base, kernelSize: size, outputStep: outputStep,
      inputStep: inputStep, rowStep: step * rowStep, columnStep: step * columnStep,
      groupStep: groupStep, firstElement: firstElement + row * rowStep + column * columnStep)
  }

  private init(
    convolution: Convolution, bias: UnsafePointer<Float>?, base: UnsafePointer<Float>,
    kernelSize: SpatialSize, outputStep: Int, inputStep: Int, rowStep: Int, columnStep: Int,
    groupStep: Int, firstElement: Int
  ) {
    (self.convolution, self.bias, self.base) = (convolution, bias, base)
    (self.kernelSize, self.outputStep, self.inputStep) = (kernelSize, outputStep, inputStep)
    (self.rowStep, self.columnStep, self.groupStep) = (rowStep, columnStep, groupStep)
    self.firstElement = firstElement
  }

  /// The first kernel element between an output channel and an input channel of its group.
  func kernelElements(output: Int, input: Int) -> UnsafePointer<Float> {
    let outputs = convolution.outChannels / convolution.groups
    let (group, place) = output.quotientAndRemainder(dividingBy: outputs)
    let inputs = convolution.inChannels / convolution.groups
    return base + group * groupStep + place * outputStep + (input - group * inputs) * inputStep
      + firstElement
  }

  /// The input channels that an output channel reads.
  func inputs(ofOutput output: Int) -> Range<Int> {
    let inputs = convolution.inChannels / convolution.groups
    let group = output / (convolution.outChannels / convolution.groups)
    return group * inputs..<(group + 1) * inputs
  }

  /// Copies the kernel elements between some outputs and inputs of one group to where outputs lie
  /// side by side.
  ///
  /// Reads along lines of memory: neighbours across a bank of filters are often a multiple of the
  /// cache's own stride apart, and would drive each other out of it. `destination` is the first
  /// output's first kernel element of the first input, `inputStep` the distance between inputs;
  /// `place` tells how far behind the first kernel element another one goes.
  func copy(
    outputs: Range<Int>, inputs: Range<Int>, to destination: UnsafeMutablePointer<Float>,
    inputStep: Int, _ kernels: KernelTable, place: (_ row: Int, _ column: Int) -> Int
  ) {
    let base = kernelElements(output: outputs.lowerBound, input: inputs.lowerBound)
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
    let inputs = convolution.inChannels / convolution.groups
    var weights: [Float] = []
    weights.reserveCapacity(convolution.outChannels * inputs * kernelSize.area)
    for output in 0..<convolution.outChannels {
      for input in self.inputs(ofOutput: output) {
        let kernelElements = kernelElements(output: output, input: input)
        for row in 0..<kernelSize.height {
          for column in 0..<kernelSize.width {
            weights.append(kernelElements[row * rowStep + column * columnStep])
          }
        }
      }
    }
    let channels = convolution.outChannels
    return FoldedWeights(
      weights: weights, scale: Array(repeating: 1, count: channels),
      bias: bias.map { Array(UnsafeBufferPointer(start: $0, count: channels)) }
        ?? Array(repeating: 0, count: channels), convolution: convolution)
  }
}

extension Convolution {
  /// The convolution that takes gradients of the output to gradients of the input; behind a stride
  /// its kernel elements are divided into phases.
  var transposed: Convolution {
    Convolution(
      inChannels: outChannels, outChannels: inChannels, kernelSize: kernelSize, groups: groups)
  }
}

extension ConvolutionStep {
  /// Pieces that packing is divided into, for weights that change.
  var packingUnits: Int { 1 }

  /// Packs a piece of weights that no batch norm follows; what is always zero must be there
  /// already.
  func pack(_ weights: StridedWeights, unit: Int, into destination: UnsafeMutablePointer<Float>) {
    pack(weights.folded, into: destination)
  }
}
