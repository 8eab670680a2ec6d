import DLACore
import DLAKernelTypes

/// The gradient of a convolution's weights: products of inputs and gradients, summed over all pixels of
/// all images.
struct WeightGradientProblem {
  let name: String
  let convolution: Convolution
  let input: MapView
  let gradient: MapView
  let kernels: KernelTable
  let costs: CostModel
  let workers: Int

  /// Units of work in all: some for each worker, so that nobody waits long for another.
  var wantedUnits: Int { 4 * workers }

  /// The convolution's outputs.
  var size: Size { gradient.geometry.size }
  /// Whether the input has one channel a plane.
  var isPlanar: Bool { input.geometry.pixel == 1 }
  /// Numbers of the gradient, [O, I / groups, side, side].
  var count: Int { convolution.weightShape.reduce(1, *) }
  /// Rows of outputs for which a row of the kernel lies inside the input.
  func pixels(ofRow tap: Int) -> Range<Int> {
    convolution.outputs(
      readingInside: input.geometry.size.height, at: tap, outputs: size.height)
  }
  /// Columns of outputs for which a column of the kernel does.
  func pixels(ofColumn tap: Int) -> Range<Int> {
    convolution.outputs(readingInside: input.geometry.size.width, at: tap, outputs: size.width)
  }

  /// Planes of gradients that a kernel takes together: two where they are whole vectors.
  var planesTogether: Int {
    isWholePlane && convolution.groups == 1 ? min(2, gradient.planes.count) : 1
  }

  /// Whether a vector holds all channels of a plane.
  var isWholePlane: Bool { kernels.lanes == Layout.channelsPerPlane }

  private var outputs: [Range<Int>] {
    let count = gradient.planes.count
    return stride(from: 0, to: count, by: planesTogether).map {
      $0..<min($0 + planesTogether, count)
    }
  }

  /// Vectors of gradients of one kernel call, and from the first to the second where planes lie
  /// `planeStep` apart.
  func vectors(_ planes: Range<Int>, planeStep: Int) -> (count: Int, step: Int) {
    isWholePlane
      ? (planes.count, planeStep) : (Layout.channelsPerPlane / kernels.lanes, kernels.lanes)
  }

  /// The planes of inputs that some planes of outputs are computed from.
  func inputs(of planes: Range<Int>) -> [Int] {
    let groups = convolution.groups(
      ofOutputs: gradient.planes[planes.lowerBound].channels
        .lowerBound..<gradient.planes[planes.upperBound - 1].channels.upperBound)
    return input.planes.indices.filter {
      convolution.groups(ofInputs: input.planes[$0].channels).overlaps(groups)
    }
  }

  /// Blocks of outputs and inputs whose sums one unit of work holds.
  ///
  /// - Parameter largest: planes of outputs and of inputs; halved until there is work for everybody.
  /// - Returns: the blocks; together they hold every weight once.
  func blocks(largest: (outputs: Int, inputs: Int)) -> [WeightGradientBlock] {
    let outputs = outputs
    guard convolution.groups == 1 else {
      return outputs.map { WeightGradientBlock(outputs: [$0], inputs: inputs(of: $0)) }
    }
    let perBlock = planesTogether
    var size = (outputs: max(1, largest.outputs / perBlock), inputs: largest.inputs)
    let planes = input.planes.count
    func count() -> Int {
      (outputs.count + size.outputs - 1) / size.outputs
        * ((planes + size.inputs - 1) / size.inputs)
    }
    while count() < wantedUnits, size.outputs > 1 || size.inputs > 1 {
      if size.outputs * perBlock >= size.inputs, size.outputs > 1 {
        size.outputs = (size.outputs + 1) / 2
      } else if size.inputs > 1 {
        size.inputs = (size.inputs + 1) / 2
      } else {
        size.outputs = (size.outputs + 1) / 2
      }
    }
    return stride(from: 0, to: outputs.count, by: size.outputs).flatMap { first in
      let part = Array(outputs[first..<min(first + size.outputs, outputs.count)])
      return stride(from: 0, to: planes, by: size.inputs).map {
        WeightGradientBlock(outputs: part, inputs: Array($0..<min($0 + size.inputs, planes)))
      }
    }
  }

  /// Brings sums of one plane of inputs to their places among the weights.
  ///
  /// - Parameters:
  ///   - sums: for each tap, `tapStep` apart, [planes of outputs][columns][16]; columns are the input's
  ///     channels, or the taps of a row of a planar image, whose taps are rows.
  ///   - tapStep: from the sums of one tap to those of the next.
  ///   - planes: the planes of outputs.
  ///   - plane: that of inputs.
  ///   - weights: the gradient, [O, I / groups, side, side].
  func store(
    _ sums: UnsafePointer<Float>, tapStep: Int, outputs planes: Range<Int>, input plane: Int,
    to weights: UnsafeMutablePointer<Float>
  ) {
    let area = convolution.side * convolution.side
    let channels = input.planes[plane].channels
    let perGroup = convolution.inputChannels / convolution.groups
    let outputsPerGroup = convolution.outputChannels / convolution.groups
    let lanes = Layout.channelsPerPlane
    let columns = isPlanar ? convolution.side : lanes
    if area == 1, convolution.groups == 1 {
      for (index, output) in planes.enumerated() {
        kernels.training.transpose(
          TransposeCall(
            source: sums + index * columns * lanes, sourceRow: lanes, rows: channels.count,
            columns: gradient.planes[output].channels.count,
            destination: weights + gradient.planes[output].channels.lowerBound * perGroup
              + channels.lowerBound, destinationRow: perGroup))
      }
      return
    }
    for (index, output) in planes.enumerated() {
      for (lane, output) in gradient.planes[output].channels.enumerated() {
        let first = output / outputsPerGroup * perGroup
        let inputs = channels.clamped(to: first..<first + perGroup)
        guard !inputs.isEmpty else { continue }
        var to = weights + (output * perGroup + inputs.lowerBound - first) * area
        let from = sums + index * columns * lanes + lane
        if isPlanar {
          for row in 0..<columns {
            for column in 0..<columns {
              to[row * columns + column] = from[row * tapStep + column * lanes]
            }
          }
          continue
        }
        let place = inputs.lowerBound - channels.lowerBound
        for column in place..<place + inputs.count {
          for tap in 0..<area { to[tap] = from[tap * tapStep + column * lanes] }
          to += area
        }
      }
    }
  }
}

/// Planes of outputs, in the groups that kernels take together, and planes of inputs.
struct WeightGradientBlock {
  let outputs: [Range<Int>]
  let inputs: [Int]

  /// Pairs of what a kernel takes together.
  var pairs: Int { outputs.count * inputs.count }
}

extension Convolution {
  /// Outputs of a line whose tap lies inside the input.
  fileprivate func outputs(readingInside length: Int, at tap: Int, outputs: Int) -> Range<Int> {
    let before = max(0, padding - tap)
    let first = (before + stride - 1) / stride
    let last = length - 1 - tap + padding
    let end = min(outputs, last < 0 ? 0 : last / stride + 1)
    return min(first, end)..<end
  }

  /// The groups that some output channels belong to.
  fileprivate func groups(ofOutputs channels: Range<Int>) -> ClosedRange<Int> {
    let width = outputChannels / groups
    return channels.lowerBound / width...(channels.upperBound - 1) / width
  }

  /// The groups that some input channels belong to.
  fileprivate func groups(ofInputs channels: Range<Int>) -> ClosedRange<Int> {
    let width = inputChannels / groups
    return channels.lowerBound / width...(channels.upperBound - 1) / width
  }
}
