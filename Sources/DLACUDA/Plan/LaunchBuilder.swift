import DLABackend
import DLAGraph
import DLATensor

/// Builds the kernel launches of the steps, in the order they run.
struct LaunchBuilder {
  /// A part of the weights that is filled when all offsets are known.
  struct Upload {
    let offset: Int
    let content: (any WeightSource) throws -> [UInt8]
  }

  /// The offsets of everything but feature maps in the arena.
  struct Arena {
    /// The images, [N, C, H, W].
    var input = 0
    /// Split-K counters of finished parts; zero between runs.
    var counters = 0..<0
    /// The split-K workspace: the parts of sums.
    var workspace = 0
    var bytes = 0
  }

  private let graph: Graph
  private let maps: DeviceFeatureMaps
  private let options: PlanOptions
  private let kernels: CUDAKernels
  private let tuner: CUDATuner?
  private(set) var launches: [Launch] = []
  private(set) var steps: [PlanDescription.Step] = []
  private(set) var uploads: [Upload] = []
  private(set) var weightBytes = 0
  private(set) var levels: [(offset: Int, shape: [Int])] = []
  private(set) var arena: Arena

  /// Threads of a block of the kernels that have no tiles.
  private static let threads = 128
  private static let alignment = 256

  init(
    graph: Graph, maps: DeviceFeatureMaps, options: PlanOptions, kernels: CUDAKernels,
    tuner: CUDATuner?
  ) {
    (self.graph, self.maps, self.options, self.kernels) = (graph, maps, options, kernels)
    self.tuner = tuner
    arena = Arena()
    arena.bytes = maps.arenaBytes
    let input = options.batchSize * graph[graph.input].channels * options.size.area
    arena.input = reserve(input * MemoryLayout<Float>.stride)
    let counters = ConvolutionChoice.maxSplitTiles * MemoryLayout<UInt32>.stride
    let first = reserve(counters)
    arena.counters = first..<first + counters
    // Behind the feature maps; it grows with each layer that needs more.
    arena.workspace = reserve(0)
  }

  private var precision: Precision { kernels.precision }
  private var modules: [KernelModule] { kernels.modules }
  private var images: Int { options.batchSize }

  /// Appends the conversion of the images into their feature map.
  mutating func appendInput() throws(CUDAError) {
    let (buffer, offset) = maps.buffer(of: graph.input)
    let channels = graph[graph.input].channels
    try append(
      "input", "readImages", writing: buffer, at: offset,
      [
        .arena(arena.input), .arena(offset), .number(images), .number(buffer.size.area),
        .number(channels), .number(buffer.pitch),
      ])
  }

  mutating func append(_ step: LoweredStep) throws(CUDAError) {
    let inputs = step.inputs.map(maps.map)
    let (buffer, offset) = maps.buffer(of: step.output)
    func numbers(_ values: Int...) -> [Launch.Argument] { values.map { .number($0) } }
    let source = inputs[0].size
    switch step.operation {
    case .convolution(let fused) where fused.convolution.groups > 1:
      try appendGroups(step, fused)
    case .convolution(let fused):
      try appendProduct(step, fused)
    case .batchNorm: preconditionFailure("\(step.name) is a step of training")
    case .maxPool(let window): try appendPool("maxPool", of: step, distance: window)
    case .averagePool3x3(let stride): try appendPool("averagePool3x3", of: step, distance: stride)
    case .globalAverage:
      let part = inputs[0].onlyPart
      try append(
        step.name, "globalAverage", writing: buffer, at: offset,
        [.arena(part.offset), .arena(offset)]
          + numbers(images, buffer.pitch, source.area, part.pitch, buffer.pitch))
    case .add:
      let (one, other) = (inputs[0].onlyPart, inputs[1].onlyPart)
      try append(
        step.name, "add", writing: buffer, at: offset,
        [.arena(one.offset), .arena(other.offset), .arena(offset)]
          + numbers(inputs[0].pixels, buffer.pitch, one.pitch, other.pitch, buffer.pitch))
    }
  }

  /// Appends a kernel whose windows are `pixels` apart.
  private mutating func appendPool(
    _ kernelName: String, of step: LoweredStep, distance pixels: Int
  ) throws(CUDAError) {
    let source = maps.map(of: step.inputs[0])
    let (buffer, offset) = maps.buffer(of: step.output)
    let part = source.onlyPart
    try append(
      step.name, kernelName, writing: buffer, at: offset,
      [.arena(part.offset), .arena(offset)]
        + [
          images, buffer.pitch, source.size.height, source.size.width, buffer.size.height,
          buffer.size.width, pixels, part.pitch, buffer.pitch,
        ].map { .number($0) })
  }

  /// Appends the conversion of the levels' feature maps to [N, C, H, W].
  mutating func appendLevels() throws(CUDAError) {
    for (index, level) in graph.levels.enumerated() {
      let map = maps.map(of: level)
      let channels = graph[level].channels
      let offset = reserve(images * channels * map.size.area * MemoryLayout<Float>.stride)
      levels.append((offset, [images, channels, map.size.height, map.size.width]))
      var first = 0
      for part in map.parts {
        let kernel = try modules[0].kernel("writeMap")
        let count = images * map.size.area * part.channels
        launches.append(
          Launch(
            name: "level\(index)", kernel: kernel,
            grid: Launch.blocks(of: Self.threads, for: count), threads: Self.threads,
            arguments: [
              .arena(part.offset), .arena(offset), .number(images), .number(map.size.area),
              .number(part.channels), .number(part.pitch), .number(first), .number(channels),
            ]))
        steps.append(
          PlanDescription.Step(
            name: "level\(index)", size: map.size,
            choice: AlgorithmChoice(algorithm: kernel.name)))
        first += part.channels
      }
    }
  }

  /// Appends a kernel whose threads each write a chunk.
  private mutating func append(
    _ name: String, _ kernelName: String, writing buffer: DeviceBuffer, at offset: Int,
    _ arguments: [Launch.Argument]
  ) throws(CUDAError) {
    let kernel = try modules[0].kernel(kernelName)
    // A kernel takes a pixel's channels for one row of chunks.
    precondition(buffer.segments.count == 1, "\(name) writes a feature map that is read in slices")
    let chunks = buffer.bytes / 16
    launches.append(
      Launch(
        name: name, kernel: kernel, grid: Launch.blocks(of: Self.threads, for: chunks),
        threads: Self.threads, arguments: arguments))
    steps.append(
      PlanDescription.Step(
        name: name, size: buffer.size, choice: AlgorithmChoice(algorithm: kernelName)))
  }

  // MARK: - Convolutions

  private mutating func appendProduct(
    _ step: LoweredStep, _ fused: FusedConvolution
  ) throws(CUDAError) {
    let (buffer, offset) = maps.buffer(of: step.output)
    let source = maps.map(of: step.inputs[0])
    let convolution = fused.convolution.trimmed(to: source.size)
    let list = SourceList(convolution, of: source, precision: precision)
    let product = DeviceProduct(
      name: step.name, convolution: convolution, list: list, source: source.size, buffer: buffer,
      offset: offset, shortcut: fused.shortcut.map { maps.map(of: $0).onlyPart },
      appliesReLU: fused.relu)
    let (choice, description) = try choose(product)
    let tile = choice.tile
    let channels = buffer.channels
    let weightBytes = DeviceWeights.productBytes(
      list, channels: channels.count, tileChannels: tile.channels)
    let biasBytes = product.shape.channelTiles(tile) * tile.channels * MemoryLayout<Float>.stride
    let weights = reserveWeights(weightBytes + biasBytes) {
      let folded = try FoldedWeights(fused, computedAs: convolution, from: $0)
      return try DeviceWeights.product(
        step.name, folded, list: list, places: channels, tileChannels: tile.channels)
        + DeviceWeights.bias(folded, places: channels, tileChannels: tile.channels)
    }
    let chunks = reserveWeights(list.bytes) { _ in list.encoded }
    if choice.splitK > 1 {
      let end = arena.workspace + product.shape.tiles(tile) * choice.splitK * tile.workspaceBytes
      arena.bytes = max(arena.bytes, end)
    }
    let module = kernels.module(choice.arithmetic)
    launches.append(
      product.launch(
        choice, kernel: try module.kernel(tile.kernelName, sharedBytes: tile.sharedBytes),
        weights: weights, bias: weights + weightBytes, list: chunks,
        counters: arena.counters.lowerBound, workspace: arena.workspace))
    steps.append(
      PlanDescription.Step(
        name: step.name, convolution: convolution, size: buffer.size, choice: description))
  }

  /// The computation of a product, and its description with the times of other candidates.
  private func choose(
    _ product: DeviceProduct
  ) throws(CUDAError) -> (ConvolutionChoice, AlgorithmChoice) {
    let candidates = ConvolutionChoice.candidates(
      product.shape, arithmetics: modules.map(\.arithmetic), on: kernels.device)
    func untimed(_ choice: ConvolutionChoice) -> (ConvolutionChoice, AlgorithmChoice) {
      (choice, AlgorithmChoice(algorithm: choice.name))
    }
    if let forced = candidates.first(where: { $0.name == options.algorithm }) {
      return untimed(forced)
    }
    guard let tuner else { return untimed(candidates[0]) }
    let (choice, seconds) = try tuner.choose(candidates, for: product)
    let others = zip(candidates, seconds).filter { $0.0 != choice }
    return (
      choice,
      AlgorithmChoice(
        algorithm: choice.name,
        measuredSeconds: zip(candidates, seconds).first { $0.0 == choice }?.1,
        declined: others.map { ($0.name, "\(Int(($1 * 1e6).rounded())) µs measured") })
    )
  }

  private mutating func appendGroups(
    _ step: LoweredStep, _ fused: FusedConvolution
  ) throws(CUDAError) {
    let convolution = fused.convolution
    let (buffer, offset) = maps.buffer(of: step.output)
    let source = maps.map(of: step.inputs[0])
    let part = source.onlyPart
    let width = DeviceWeights.groupWidth(convolution)
    precondition(
      convolution.kernelSize == 3 && convolution.stride <= 2 && fused.shortcut == nil
        && convolution.inChannels == convolution.outChannels
        && part.channels == part.paddedChannels && convolution.outChannels % width == 0,
      "\(step.name) is an unsupported grouped convolution")
    let weightBytes = DeviceWeights.groupedBytes(convolution, width: width)
    let weights = reserveWeights(weightBytes + buffer.pitch * MemoryLayout<Float>.stride) {
      let folded = try FoldedWeights(fused, computedAs: convolution, from: $0)
      return DeviceWeights.grouped(folded, width: width)
        + DeviceWeights.bias(folded, places: buffer.channels, tileChannels: 1)
    }
    let kernel = try modules[0].kernel("convolveGroups_\(convolution.stride)")
    let runs = (buffer.size.width + 3) / 4
    let count = images * buffer.size.height * runs * (buffer.pitch / 4)
    launches.append(
      Launch(
        name: step.name, kernel: kernel, grid: Launch.blocks(of: Self.threads, for: count),
        threads: Self.threads,
        arguments: [
          .arena(part.offset), .weights(weights), .weights(weights + weightBytes), .arena(offset),
        ]
          + [
            images, convolution.outChannels, width, source.size.height, source.size.width,
            buffer.size.height, buffer.size.width, part.pitch, buffer.pitch,
            fused.relu ? ProductFlags.appliesReLU : 0,
          ].map { .number($0) }))
    steps.append(
      PlanDescription.Step(
        name: step.name, convolution: convolution, size: buffer.size,
        choice: AlgorithmChoice(algorithm: "groups of \(width)")))
  }

  // MARK: - Memory

  /// Takes a part of the arena.
  private mutating func reserve(_ bytes: Int) -> Int {
    let offset = (arena.bytes + Self.alignment - 1) / Self.alignment * Self.alignment
    arena.bytes = offset + bytes
    return offset
  }

  /// Takes a part of the weights, to be filled by `content`.
  private mutating func reserveWeights(
    _ bytes: Int, _ content: @escaping (any WeightSource) throws -> [UInt8]
  ) -> Int {
    let offset = (weightBytes + Self.alignment - 1) / Self.alignment * Self.alignment
    weightBytes = offset + bytes
    uploads.append(Upload(offset: offset, content: content))
    return offset
  }
}
