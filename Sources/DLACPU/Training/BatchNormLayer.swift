import CDLAKernels
import DLAGraph

/// One batch norm in training: where its tensors lie, and the numbers that its steps hand on to
/// each other.
///
/// Source: Ioffe and Szegedy, "Batch Normalization" (arXiv:1502.03167, algorithm 1 and section 3).
final class BatchNormLayer: @unchecked Sendable {
  // Unchecked: workers write disjoint channel blocks and parts, between barriers.
  let name: String
  /// Numbers of one channel: mean, 1 / deviation, scale, shift, and the three factors of gradients.
  enum Row: Int, CaseIterable { case mean, inverse, scale, shift, first, second, third }

  private let parameters: ParameterBlock
  private let gradients: ParameterBlock
  private let channelBlocks: [Range<Int>]
  private let pixels: Int
  /// True if it does not learn: its statistics are the running ones, as in inference.
  let isFixed: Bool
  /// True if each channel block is the work of one worker: none has more than a quarter above an
  /// even share.
  let isByChannelBlock: Bool
  /// Sums that are kept apart: one, or one for each worker.
  private let parts: Int
  private let rows: AlignedFloats
  private let sums: UnsafeMutablePointer<Double>
  private let sumCount: Int
  private let offsets: (weight: Int, bias: Int, mean: Int, variance: Int)
  private let full = Layout.channelsPerBlock

  /// - Throws: `RuntimeError` with `.outOfMemory`.
  init(
    _ node: Graph.Node, _ view: TensorView, parameters: ParameterBlock, gradients: ParameterBlock,
    isFixed: Bool, workers: Int
  ) throws(RuntimeError) {
    name = node.name
    (self.isFixed, self.parameters, self.gradients) = (isFixed, parameters, gradients)
    channelBlocks = view.channelBlocks.map(\.channels)
    let perWorker = (channelBlocks.count + workers - 1) / workers
    isByChannelBlock = 4 * perWorker * workers <= 5 * channelBlocks.count
    parts = isByChannelBlock ? 1 : workers
    pixels = view.geometry.images * view.geometry.size.area
    rows = try AlignedFloats(
      count: Row.allCases.count * channelBlocks.count * Layout.channelsPerBlock)
    sumCount = parts * channelBlocks.count * 2 * Layout.channelsPerBlock
    sums = .allocate(capacity: sumCount)
    sums.initialize(repeating: 0, count: sumCount)
    offsets = (
      parameters.offset(of: "\(node.name).weight"), parameters.offset(of: "\(node.name).bias"),
      parameters.offset(of: "\(node.name).running_mean"),
      parameters.offset(of: "\(node.name).running_var")
    )
  }

  deinit { sums.deallocate() }

  var channelBlockCount: Int { channelBlocks.count }

  /// Sixteen numbers of a channel block.
  func row(_ row: Row, channelBlock: Int) -> UnsafeMutablePointer<Float> {
    rows.base + (channelBlock * Row.allCases.count + row.rawValue) * full
  }

  /// One part of a channel block's sums: sixteen, and sixteen more.
  func sums(part: Int, channelBlock: Int) -> UnsafeMutablePointer<Double> {
    sums + (part * channelBlocks.count + channelBlock) * 2 * full
  }

  func clearSums(part: Int, channelBlock: Int) {
    sums(part: part, channelBlock: channelBlock).update(repeating: 0, count: 2 * full)
  }

  /// The whole sums of one lane.
  private func total(_ lane: Int, channelBlock: Int) -> (first: Double, second: Double) {
    var total = (first: 0.0, second: 0.0)
    for part in 0..<parts {
      let sums = sums(part: part, channelBlock: channelBlock)
      total.first += sums[lane]
      total.second += sums[full + lane]
    }
    return total
  }

  /// Mean and variance of a channel block's channels, from sums of values less their pivots, and
  /// what follows.
  func finishForward(channelBlock: Int, pivot: UnsafePointer<Float>, momentum: Double) {
    let count = Double(pixels)
    for (lane, channel) in channelBlocks[channelBlock].enumerated() {
      let (sum, squares) = total(lane, channelBlock: channelBlock)
      let mean = Double(pivot[lane]) + sum / count
      let variance = max(0, squares / count - sum / count * (sum / count))
      let inverse = 1 / (variance + Graph.Operation.batchNormEpsilon).squareRoot()
      let scale = Double(parameters.base[offsets.weight + channel]) * inverse
      row(.mean, channelBlock: channelBlock)[lane] = Float(mean)
      row(.inverse, channelBlock: channelBlock)[lane] = Float(inverse)
      row(.scale, channelBlock: channelBlock)[lane] = Float(scale)
      row(.shift, channelBlock: channelBlock)[lane] = Float(
        Double(parameters.base[offsets.bias + channel]) - mean * scale)
      move(offsets.mean + channel, to: mean, momentum)
      // The running variance is the unbiased one.
      move(offsets.variance + channel, to: variance * count / max(1, count - 1), momentum)
    }
  }

  private func move(_ offset: Int, to value: Double, _ momentum: Double) {
    parameters.base[offset] = Float(
      (1 - momentum) * Double(parameters.base[offset]) + momentum * value)
  }

  /// Gradients of a channel block's weights and biases, from sums of gradients and of gradients
  /// times values less their mean, and the factors by which the input's gradients follow.
  func finishBackward(channelBlock: Int) {
    let count = Double(pixels)
    for (lane, channel) in channelBlocks[channelBlock].enumerated() {
      let (sum, product) = total(lane, channelBlock: channelBlock)
      let inverse = Double(row(.inverse, channelBlock: channelBlock)[lane])
      let mean = Double(row(.mean, channelBlock: channelBlock)[lane])
      let weight = Double(parameters.base[offsets.weight + channel])
      let weightGradient = product * inverse
      gradients.base[offsets.weight + channel] = Float(weightGradient)
      gradients.base[offsets.bias + channel] = Float(sum)
      let first = weight * inverse
      let second = -first * inverse * weightGradient / count
      row(.first, channelBlock: channelBlock)[lane] = Float(first)
      row(.second, channelBlock: channelBlock)[lane] = Float(second)
      row(.third, channelBlock: channelBlock)[lane] = Float(-first * sum / count - second * mean)
    }
  }

  /// Scale and shift of a channel block's channels by the running statistics, as in inference.
  func fixForward(channelBlock: Int) {
    for (lane, channel) in channelBlocks[channelBlock].enumerated() {
      let variance = Double(parameters.base[offsets.variance + channel])
      let inverse = 1 / (variance + Graph.Operation.batchNormEpsilon).squareRoot()
      let scale = Double(parameters.base[offsets.weight + channel]) * inverse
      row(.scale, channelBlock: channelBlock)[lane] = Float(scale)
      row(.shift, channelBlock: channelBlock)[lane] = Float(
        Double(parameters.base[offsets.bias + channel])
          - Double(parameters.base[offsets.mean + channel]) * scale)
    }
  }

  /// The factors of gradients where statistics do not depend on the input.
  func fixBackward(channelBlock: Int) {
    for lane in 0..<channelBlocks[channelBlock].count {
      row(.first, channelBlock: channelBlock)[lane] = row(.scale, channelBlock: channelBlock)[lane]
      row(.second, channelBlock: channelBlock)[lane] = 0
      row(.third, channelBlock: channelBlock)[lane] = 0
    }
  }
}
