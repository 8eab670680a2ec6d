import CDLAKernels
import DLAGraph

extension ConvolutionAlgorithm {
  /// Grouped 3×3 convolution by permuting lanes: 2, 4 or 8 channels a group.
  static let grouped = ConvolutionAlgorithm(name: "grouped") { problem in
    let convolution = problem.convolution
    let width = convolution.inChannels / convolution.groups
    guard convolution.groups > 1 else { return .declined("one group") }
    guard convolution.kernelSize == 3 else {
      return .declined("\(convolution.kernelSize)×\(convolution.kernelSize)")
    }
    guard [2, 4, 8].contains(width) else { return .declined("\(width) channels a group") }
    guard convolution.inChannels == convolution.outChannels else {
      return .declined("groups change their width")
    }
    guard convolution.stride <= 2 else { return .declined("stride \(convolution.stride)") }
    guard problem.fused.shortcut == nil else { return .declined("adds a shortcut") }
    guard
      problem.source.channelBlocks.map(\.channels)
        == problem.destination.channelBlocks.map(\.channels),
      problem.source.channelBlocks.allSatisfy({ $0.channels.lowerBound % width == 0 })
    else { return .declined("a group starts inside a channelBlock") }
    return .accepted([
      Candidate(detail: "", cycles: problem.groupedCycles(groupWidth: width)) {
        GroupedStep(problem, groupWidth: width)
      }
    ])
  }
}

extension ConvolutionProblem {
  /// The kernel elements of one vector, by masks; measured, a kernel element takes 1.25 times what
  /// its instructions would.
  fileprivate func groupedCycles(groupWidth: Int) -> Double {
    let costs = costs
    let size = destination.geometry.size
    let vectors = Double(destination.channelBlocks.count) * costs.vectorsPerChannelBlock
    let rows = Double(destination.geometry.images * size.height)
    let kernelElements =
      costs.row(pixels: size.width, vectors: 1, kernelElements: 9 * groupWidth) * 1.25
    let featureMapBytes = (source.bytes + destination.bytes) / workers
    return max(
      vectors * rows * kernelElements / Double(workers), costs.memory(bytes: featureMapBytes))
      + costs.barrier
  }
}

/// A grouped 3×3 convolution; every vector of channels is on its own.
struct GroupedStep: ConvolutionStep {
  let name: String
  var packedOffset = 0
  let packedFloats: Int
  var scratchFloats: Int { 0 }
  // A part of the keys of cached files, whose hashes PackedWeightsCacheTests records.
  let packing = "grouped, crossed"

  private let geometry: GroupedConvolution
  private let kernels: KernelTable
  private let source: FeatureMapGeometry
  private let destination: FeatureMapGeometry
  private var border: BorderClearing
  /// Every vector of channels: the offsets of its first input and of output pixel (0, 0), and its
  /// channels.
  private var vectors: [(source: Int, destination: Int, channels: Range<Int>)]
  private let split: WorkSplit

  /// Floats of weights of one vector: nine kernel elements for each channel of a group, and the
  /// bias.
  private var floatsPerVector: Int { (9 * geometry.groupWidth + 1) * kernels.lanes }

  init(_ problem: ConvolutionProblem, groupWidth: Int) {
    name = problem.name
    kernels = problem.kernels
    source = problem.source.geometry
    destination = problem.destination.geometry
    border = BorderClearing(problem.destination)
    geometry = GroupedConvolution(
      groupWidth: groupWidth, stride: problem.convolution.stride, sourceRow: source.row,
      destinationRow: destination.row, relu: problem.fused.relu)
    vectors = Self.vectors(of: problem)
    packedFloats = vectors.count * (9 * groupWidth + 1) * kernels.lanes
    split = WorkSplit(
      groups: vectors.count, strips: destination.images * destination.size.height,
      workers: problem.workers, sourceBytes: 0, weightBytes: 0)
  }

  private static func vectors(
    of problem: ConvolutionProblem
  ) -> [(source: Int, destination: Int, channels: Range<Int>)] {
    let origin = problem.destination.geometry.origin
    let lanes = problem.kernels.lanes
    return zip(problem.source.channelBlocks, problem.destination.channelBlocks).flatMap {
      from, to in
      stride(from: 0, to: Layout.channelsPerBlock, by: lanes).map { lane in
        let first = min(from.channels.lowerBound + lane, from.channels.upperBound)
        let end = min(first + lanes, from.channels.upperBound)
        return (from.offset + problem.firstElement + lane, to.offset + origin + lane, first..<end)
      }
    }
  }

  mutating func move(to problem: ConvolutionProblem) {
    vectors = Self.vectors(of: problem)
    border = BorderClearing(problem.destination)
  }

  func pack(_ weights: FoldedWeights, into packed: UnsafeMutablePointer<Float>) {
    let width = geometry.groupWidth
    let lanes = kernels.lanes
    for (index, vector) in vectors.enumerated() {
      let bias = packed + index * floatsPerVector
      let kernelElements = bias + lanes
      for (lane, channel) in vector.channels.enumerated() {
        bias[lane] = weights.bias[channel]
        for mask in 0..<width {
          let input = lane ^ mask
          let from = (channel * width + input % width) * 9
          for kernelElement in 0..<9 {
            let value = Double(weights.weights[from + kernelElement]) * weights.scale[channel]
            kernelElements[(kernelElement * width + mask) * lanes + input] = Float(value)
          }
        }
      }
    }
  }

  func run(_ worker: Worker) {
    border.run(worker)
    guard split.stripParts == 1 else {
      for index in split.groups(of: worker) { convolve(index, split.strips(of: worker), worker) }
      return
    }
    worker.parallelFor(of: vectors.count) { convolve($0, split.strips(of: worker), worker) }
  }

  /// Some rows of one vector of channels.
  private func convolve(_ index: Int, _ strips: Range<Int>, _ worker: Worker) {
    let height = destination.size.height
    let vector = vectors[index]
    let packed = worker.weights + packedOffset + index * floatsPerVector
    var strip = strips.lowerBound
    while strip < strips.upperBound {
      let (image, y) = strip.quotientAndRemainder(dividingBy: height)
      let end = min(height, y + strips.upperBound - strip)
      kernels.convolveGrouped(
        geometry,
        GroupedConvolutionCall(
          source: worker.arena + vector.source + image * source.image,
          weights: packed + kernels.lanes, bias: packed,
          destination: worker.arena + vector.destination + image * destination.image,
          rows: IndexRange(y..<end), width: destination.size.width))
      strip += end - y
    }
  }
}
