import CDLAKernels
import DLAGraph

extension ConvolutionAlgorithm {
  /// Direct convolution of whole channel blocks: dense, or with groups that fill channel blocks.
  static let direct = ConvolutionAlgorithm(name: "direct") { problem in
    if let reason = problem.groupsOffChannelBlocks { return .declined(reason) }
    return .accepted([problem.directCandidate])
  }

  /// Direct convolution of groups that do not fill channel blocks, with zeros for the weights
  /// between them.
  static let directOnBlockDiagonalExpansion = ConvolutionAlgorithm(name: "filled") {
    $0.groupsOffChannelBlocks == nil
      ? .declined("no groups to fill") : .accepted([$0.directCandidate])
  }
}

extension ConvolutionProblem {
  fileprivate var directCandidate: Candidate {
    Candidate(detail: "", cycles: directCycles) { DirectStep(self) }
  }

  fileprivate var pixelStep: PixelStep {
    if phase != nil { return .blockedToStride2 }
    if source.geometry.pixel == 1 { return .nchw }
    return convolution.stride == 1 ? .blocked : .blockedStride2
  }

  /// Every kernel element of every pixel, or reading weights and feature maps if that takes longer.
  private var directCycles: Double {
    let costs = costs
    let channelBlocks = destination.channelBlocks.count
    let read = sourcesOfChannelBlocks
    let vectors =
      kernels.lanes == Layout.channelsPerBlock
      ? (channelBlocks > 1 && read[0] == read[1] ? 2 : 1) : Layout.channelsPerBlock / kernels.lanes
    let calls = (channelBlocks * Int(costs.vectorsPerChannelBlock) + vectors - 1) / vectors
    let sources = read[0].count
    let kernelElements =
      sources * source.geometry.pixel * convolution.kernelSize * convolution.kernelSize
    let size = destination.geometry.size
    let images = destination.geometry.images
    let isPaired = !isFlat && 2 * size.width <= costs.columns
    let pixels = isFlat ? images * size.area : size.width * (isPaired ? 2 : 1)
    let rows = isFlat ? 1 : images * ((size.height + (isPaired ? 1 : 0)) / (isPaired ? 2 : 1))
    let weightBytes = calls * kernelElements * vectors * kernels.lanes * MemoryLayout<Float>.size
    let featureMapBytes = (source.bytes + destination.bytes + (shortcut?.bytes ?? 0)) / workers
    let compute =
      Double(calls * rows)
      * costs.row(pixels: pixels, vectors: vectors, kernelElements: kernelElements)
    return max(
      compute / Double(workers), costs.memory(bytes: weightBytes / workers + featureMapBytes))
      + costs.barrier
  }
}

/// A convolution that reads its inputs in place.
struct DirectStep: ConvolutionStep {
  let name: String
  var packedOffset = 0
  let packedFloats: Int
  var scratchFloats: Int { 0 }
  let packing: String

  private let geometry: DirectConvolution
  private let kernels: KernelTable
  private let source: FeatureMapGeometry
  private let destination: FeatureMapGeometry
  private let shortcut: FeatureMapGeometry?
  /// The offset of the first input of output pixel (0, 0) in every source channel block, and the
  /// channels of each.
  private var sourceChannelBlocks: [ChannelBlock]
  private var channelBlockOffsets: [Int]
  private var destinationChannelBlocks: [ChannelBlock]
  private var groups: [OutputGroup]
  private var border: BorderClearing
  private let isFlat: Bool
  private let split: WorkSplit
  private let strips: StripPlan

  init(_ problem: ConvolutionProblem) {
    let convolution = problem.convolution
    name = problem.name
    kernels = problem.kernels
    source = problem.source.geometry
    destination = problem.destination.geometry
    destinationChannelBlocks = problem.destination.channelBlocks
    shortcut = problem.shortcut?.geometry
    border = BorderClearing(problem.destination)
    isFlat = problem.isFlat
    sourceChannelBlocks = problem.source.channelBlocks
    let firstElement = problem.firstElement
    channelBlockOffsets = sourceChannelBlocks.map { $0.offset + firstElement }

    packing = problem.groupsOffChannelBlocks == nil ? "direct" : "direct, zeros between groups"
    let sources = problem.sourcesOfChannelBlocks
    let sourcesPerPart = sources.first?.count ?? 0
    geometry = DirectConvolution(
      pixelStep: problem.pixelStep, sourceChannelBlocks: sourcesPerPart,
      kernelRows: problem.kernelSize.height,
      kernelElements: problem.kernelSize.width * source.pixel,
      stride: convolution.stride, sourceRow: source.row,
      destinationRow: destination.row, shortcutRow: problem.shortcut?.geometry.row ?? 0,
      relu: problem.fused.relu)

    var packed = 0
    groups = problem.outputGroups(sources: sources).map { group in
      var group = group
      group.biasOffset = packed
      packed += group.width
      group.weightsOffset = packed
      packed +=
        group.sourceCount * problem.kernelSize.area * problem.source.geometry.pixel * group.width
      return group
    }
    packedFloats = packed
    strips = StripPlan(
      isFlat: isFlat, destination: destination, columns: kernels.columns,
      bytesPerRow: sourcesPerPart * convolution.stride * source.row * 4,
      bytesPerPixel: sourcesPerPart * source.pixel * 4)
    split = WorkSplit(
      groups: groups.count, strips: strips.count, workers: problem.workers,
      sourceBytes: sourcesPerPart * source.channelBlock * 4, weightBytes: packed * 4)
  }

  mutating func move(to problem: ConvolutionProblem) {
    sourceChannelBlocks = problem.source.channelBlocks
    channelBlockOffsets = sourceChannelBlocks.map { $0.offset + problem.firstElement }
    destinationChannelBlocks = problem.destination.channelBlocks
    for index in groups.indices { groups[index].move(to: problem) }
    border = BorderClearing(problem.destination)
  }

  func pack(_ weights: FoldedWeights, into destination: UnsafeMutablePointer<Float>) {
    let convolution = weights.convolution
    let inputsPerGroup = convolution.inChannels / convolution.groups
    let outputsPerGroup = convolution.outChannels / convolution.groups
    let side = convolution.kernelSize
    let kernelElements = geometry.kernelElements
    weights.weights.withUnsafeBufferPointer { values in
      for group in groups {
        let width = group.width
        for (lane, channel) in group.channels(destinationChannelBlocks).enumerated() {
          guard let channel else { continue }
          destination[group.biasOffset + lane] = weights.bias[channel]
          let scale = weights.scale[channel]
          let inputs = channel / outputsPerGroup * inputsPerGroup
          for channelBlock in 0..<group.sourceCount {
            let channels = sourceChannelBlocks[group.firstSource + channelBlock].channels
            for input in channels where inputs..<inputs + inputsPerGroup ~= input {
              let from = (channel * inputsPerGroup + input - inputs) * side * side
              let to =
                group.weightsOffset + channelBlock * side * kernelElements * width
                + (input - channels.lowerBound) * width + lane
              for row in 0..<side {
                for column in 0..<side {
                  destination[to + (row * kernelElements + column * source.pixel) * width] = Float(
                    Double(values[from + row * side + column]) * scale)
                }
              }
            }
          }
        }
      }
    }
  }

  var packingUnits: Int { groups.count }

  func pack(_ weights: StridedWeights, unit: Int, into destination: UnsafeMutablePointer<Float>) {
    let group = groups[unit]
    let width = group.width
    let kernelElements = geometry.kernelElements
    for channelBlock in destinationChannelBlocks[group.channelBlocks].enumerated() {
      let first = channelBlock.element.channels.lowerBound
      let lane = channelBlock.offset * Layout.channelsPerBlock
      let count = channelBlock.element.channels.count
      for channel in 0..<count {
        destination[group.biasOffset + lane + channel] = weights.bias?[first + channel] ?? 0
      }
      for part in runs(of: channelBlock.element.channels, weights) {
        for source in 0..<group.sourceCount {
          let channels = sourceChannelBlocks[group.firstSource + source].channels
          let inputs = channels.clamped(to: part.inputs)
          guard !inputs.isEmpty else { continue }
          let place =
            group.weightsOffset + source * geometry.kernelRows * kernelElements * width
            + (inputs.lowerBound - channels.lowerBound) * width + lane + part.outputs.lowerBound
            - first
          weights.copy(
            outputs: part.outputs, inputs: inputs, to: destination + place, inputStep: width,
            kernels
          ) { (row, column) in (row * kernelElements + column * self.source.pixel) * width }
        }
      }
    }
  }

  /// Output channels of a channel block that belong to one group of the convolution, and what they
  /// read.
  private func runs(
    of channels: Range<Int>, _ weights: StridedWeights
  ) -> [(outputs: Range<Int>, inputs: Range<Int>)] {
    let perGroup = weights.convolution.outChannels / weights.convolution.groups
    var result: [(outputs: Range<Int>, inputs: Range<Int>)] = []
    var first = channels.lowerBound
    while first < channels.upperBound {
      let end = min(channels.upperBound, (first / perGroup + 1) * perGroup)
      result.append((first..<end, weights.inputs(ofOutput: first)))
      first = end
    }
    return result
  }

  func run(_ worker: Worker) {
    border.run(worker)
    guard split.groupParts == 1 else {
      convolve(split.groups(of: worker), split.strips(of: worker), worker)
      return
    }
    let units = min(strips.count, worker.count * Self.unitsPerWorker)
    worker.parallelFor(of: units) { unit in
      let part = strips.count * unit / units..<strips.count * (unit + 1) / units
      convolve(groups.indices, part, worker)
    }
  }

  /// Pieces of work that workers may take from each other.
  private static let unitsPerWorker = 4

  private func convolve(_ range: Range<Int>, _ part: Range<Int>, _ worker: Worker) {
    strips.forEachChunk(of: part) { chunk in
      for group in range {
        strips.forEachPart(of: chunk) { image, rows, columns in
          convolve(groups[group], image: image, rows: rows, columns: columns, worker)
        }
      }
    }
  }

  private func convolve(
    _ group: OutputGroup, image: Int, rows: Range<Int>, columns: Range<Int>, _ worker: Worker
  ) {
    let packed = worker.weights + packedOffset
    channelBlockOffsets.withUnsafeBufferPointer { channelBlocks in
      guard let channelBlocks = channelBlocks.baseAddress else { return }
      kernels.convolve(
        geometry,
        ConvolutionCall(
          source: worker.arena + image * source.image,
          channelBlocks: channelBlocks + group.firstSource,
          weights: packed + group.weightsOffset, bias: packed + group.biasOffset,
          destination: worker.arena + group.destination + image * destination.image,
          destinationVector: group.destinationVector,
          shortcut: group.shortcut.map {
            UnsafePointer(worker.arena + $0 + image * (shortcut?.image ?? 0))
          },
          shortcutVector: group.shortcutVector, vectors: group.vectors, rows: IndexRange(rows),
          columns: IndexRange(columns)))
    }
  }
}
