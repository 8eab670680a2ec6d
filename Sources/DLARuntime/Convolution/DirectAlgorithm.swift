import DLAKernelTypes

extension ConvolutionAlgorithm {
  /// Direct convolution of whole planes: dense, or with groups that fill planes.
  static let direct = ConvolutionAlgorithm(name: "direct") { problem in
    if let reason = problem.groupsOffPlanes { return .declined(reason) }
    return .accepted([problem.directCandidate])
  }

  /// Direct convolution of groups that do not fill planes, with zeros for the weights between them.
  static let directOnFilledGroups = ConvolutionAlgorithm(name: "filled") {
    $0.groupsOffPlanes == nil
      ? .declined("no groups to fill") : .accepted([$0.directCandidate])
  }
}

extension ConvolutionProblem {
  fileprivate var directCandidate: Candidate {
    Candidate(detail: "", cycles: directCycles) { DirectStep(self) }
  }

  fileprivate var pixelStep: DirectConvolution.PixelStep {
    if phase != nil { return .planeToStride2 }
    if source.geometry.pixel == 1 { return .planar }
    return convolution.stride == 1 ? .plane : .planeStride2
  }

  /// Every tap of every pixel, or reading weights and maps if that takes longer.
  private var directCycles: Double {
    let costs = costs
    let planes = destination.planes.count
    let read = sourcesOfPlanes
    let vectors =
      kernels.lanes == Layout.channelsPerPlane
      ? (planes > 1 && read[0] == read[1] ? 2 : 1) : Layout.channelsPerPlane / kernels.lanes
    let calls = (planes * Int(costs.vectorsPerPlane) + vectors - 1) / vectors
    let sources = read[0].count
    let taps = sources * source.geometry.pixel * convolution.side * convolution.side
    let size = destination.geometry.size
    let images = destination.geometry.images
    let isPaired = !isFlat && 2 * size.width <= costs.columns
    let pixels = isFlat ? images * size.area : size.width * (isPaired ? 2 : 1)
    let rows = isFlat ? 1 : images * ((size.height + (isPaired ? 1 : 0)) / (isPaired ? 2 : 1))
    let weightBytes = calls * taps * vectors * kernels.lanes * MemoryLayout<Float>.size
    let mapBytes = (source.bytes + destination.bytes + (shortcut?.bytes ?? 0)) / workers
    let compute = Double(calls * rows) * costs.row(pixels: pixels, vectors: vectors, taps: taps)
    return max(compute / Double(workers), costs.memory(bytes: weightBytes / workers + mapBytes))
      + costs.barrier
  }
}

/// A convolution whose taps are read where they lie.
struct DirectStep: ConvolutionStep {
  let name: String
  var packedOffset = 0
  let packedFloats: Int
  var scratchFloats: Int { 0 }
  let packing: String

  private let geometry: DirectConvolution
  private let kernels: KernelTable
  private let source: MapGeometry
  private let destination: MapGeometry
  private let shortcut: MapGeometry?
  /// The first tap of output pixel (0, 0) in every source plane, and the channels of each.
  private var sourcePlanes: [MapPlane]
  private var planeOffsets: [Int]
  private var destinationPlanes: [MapPlane]
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
    destinationPlanes = problem.destination.planes
    shortcut = problem.shortcut?.geometry
    border = BorderClearing(problem.destination)
    isFlat = problem.isFlat
    sourcePlanes = problem.source.planes
    let firstTap = problem.firstTap
    planeOffsets = sourcePlanes.map { $0.offset + firstTap }

    packing = problem.groupsOffPlanes == nil ? "direct" : "direct, zeros between groups"
    let sources = problem.sourcesOfPlanes
    let sourcesPerPart = sources.first?.count ?? 0
    geometry = DirectConvolution(
      pixelStep: problem.pixelStep, sourcePlanes: sourcesPerPart,
      kernelRows: problem.kernelSize.height, taps: problem.kernelSize.width * source.pixel,
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
      sourceBytes: sourcesPerPart * source.plane * 4, weightBytes: packed * 4)
  }

  mutating func move(to problem: ConvolutionProblem) {
    sourcePlanes = problem.source.planes
    planeOffsets = sourcePlanes.map { $0.offset + problem.firstTap }
    destinationPlanes = problem.destination.planes
    for index in groups.indices { groups[index].move(to: problem) }
    border = BorderClearing(problem.destination)
  }

  func pack(_ weights: FoldedWeights, into destination: UnsafeMutablePointer<Float>) {
    let convolution = weights.convolution
    let inputsPerGroup = convolution.inputChannels / convolution.groups
    let outputsPerGroup = convolution.outputChannels / convolution.groups
    let side = convolution.side
    let taps = geometry.taps
    weights.weights.withUnsafeBufferPointer { values in
      for group in groups {
        let width = group.width
        for (lane, channel) in group.channels(destinationPlanes).enumerated() {
          guard let channel else { continue }
          destination[group.biasOffset + lane] = weights.bias[channel]
          let scale = weights.scale[channel]
          let inputs = channel / outputsPerGroup * inputsPerGroup
          for plane in 0..<group.sourceCount {
            let channels = sourcePlanes[group.firstSource + plane].channels
            for input in channels where inputs..<inputs + inputsPerGroup ~= input {
              let from = (channel * inputsPerGroup + input - inputs) * side * side
              let to =
                group.weightsOffset + plane * side * taps * width
                + (input - channels.lowerBound) * width + lane
              for row in 0..<side {
                for column in 0..<side {
                  destination[to + (row * taps + column * source.pixel) * width] = Float(
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

  func pack(
    _ weights: StridedWeights, unit: Int, into destination: UnsafeMutablePointer<Float>
  ) {
    let group = groups[unit]
    let width = group.width
    let taps = geometry.taps
    for plane in destinationPlanes[group.planes].enumerated() {
      let first = plane.element.channels.lowerBound
      let lane = plane.offset * Layout.channelsPerPlane
      let count = plane.element.channels.count
      for channel in 0..<count {
        destination[group.biasOffset + lane + channel] = weights.bias?[first + channel] ?? 0
      }
      for part in runs(of: plane.element.channels, weights) {
        for source in 0..<group.sourceCount {
          let channels = sourcePlanes[group.firstSource + source].channels
          let inputs = channels.clamped(to: part.inputs)
          guard !inputs.isEmpty else { continue }
          let place =
            group.weightsOffset + source * geometry.kernelRows * taps * width
            + (inputs.lowerBound - channels.lowerBound) * width + lane + part.outputs.lowerBound
            - first
          weights.copy(
            outputs: part.outputs, inputs: inputs, to: destination + place, inputStep: width,
            kernels.training
          ) { (row, column) in (row * taps + column * self.source.pixel) * width }
        }
      }
    }
  }

  /// Output channels of a plane that belong to one group of the convolution, and what they read.
  private func runs(
    of channels: Range<Int>, _ weights: StridedWeights
  ) -> [(outputs: Range<Int>, inputs: Range<Int>)] {
    let perGroup = weights.convolution.outputChannels / weights.convolution.groups
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
    worker.forEach(of: units) { unit in
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
    planeOffsets.withUnsafeBufferPointer { planes in
      guard let planes = planes.baseAddress else { return }
      kernels.convolve(
        geometry,
        ConvolutionCall(
          source: worker.arena + image * source.image, planes: planes + group.firstSource,
          weights: packed + group.weightsOffset, bias: packed + group.biasOffset,
          destination: worker.arena + group.destination + image * destination.image,
          destinationVector: group.destinationVector,
          shortcut: group.shortcut.map {
            UnsafePointer(worker.arena + $0 + image * (shortcut?.image ?? 0))
          },
          shortcutVector: group.shortcutVector, vectors: group.vectors, rows: rows,
          columns: columns))
    }
  }
}
