import DLABackend
import DLAGraph
import DLATensor

/// Turns lowered steps into starts of kernels that know their memory, in the order they run.
struct LaunchBuilder {
  /// A part of the weights that is filled once all of them have their place.
  struct Upload {
    let offset: Int
    let content: (any WeightSource) throws -> [UInt8]
  }

  /// Where everything but maps lies in the arena.
  struct Arena {
    /// The images as they come.
    var input = 0
    /// Counts of slices that are done; zero between runs.
    var arrivals = 0..<0
    /// What slices leave for the last to add up.
    var partials = 0
    var bytes = 0
  }

  private let graph: Graph
  private let maps: DeviceFeatureMaps
  private let options: CUDAPlan.Options
  private let kernels: CUDAKernels
  private let tuner: CUDATuner?
  private(set) var launches: [Launch] = []
  private(set) var steps: [CUDAPlan.Step] = []
  private(set) var uploads: [Upload] = []
  private(set) var weightBytes = 0
  private(set) var levels: [(offset: Int, shape: [Int])] = []
  private(set) var arena: Arena

  /// Threads of a block of the kernels that have no tiles.
  private static let threads = 128
  private static let alignment = 256

  init(
    graph: Graph, maps: DeviceFeatureMaps, options: CUDAPlan.Options, kernels: CUDAKernels,
    tuner: CUDATuner?
  ) {
    self.graph = graph
    self.maps = maps
    self.options = options
    self.kernels = kernels
    self.tuner = tuner
    arena = Arena()
    arena.bytes = maps.arenaBytes
    let input = options.batchSize * graph[graph.input].channels * options.size.area
    arena.input = reserve(input * MemoryLayout<Float>.stride)
    let arrivals = ConvolutionChoice.maxSlicedTiles * MemoryLayout<UInt32>.stride
    let first = reserve(arrivals)
    arena.arrivals = first..<first + arrivals
    // Behind the maps; it grows with each layer that needs more.
    arena.partials = reserve(0)
  }

  private var precision: Precision { kernels.precision }
  private var modules: [KernelModule] { kernels.modules }
  private var images: Int { options.batchSize }

  /// Appends the way of the images into their map.
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

  /// Appends a step.
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
          + numbers(
            inputs[0].pixels, buffer.pitch, one.pitch, other.pitch, buffer.pitch))
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

  /// Appends the way of the levels' maps out, as [N, C, H, W].
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
          CUDAPlan.Step(
            name: "level\(index)", kernel: kernel.name, convolution: nil, size: map.size))
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
    precondition(buffer.segments.count == 1, "\(name) writes a map that is read in slices")
    let chunks = buffer.bytes / 16
    launches.append(
      Launch(
        name: name, kernel: kernel, grid: Launch.blocks(of: Self.threads, for: chunks),
        threads: Self.threads, arguments: arguments))
    steps.append(
      CUDAPlan.Step(name: name, kernel: kernelName, convolution: nil, size: buffer.size))
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
    let choice = try choose(product)
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
    let description = reserveWeights(list.bytes) { _ in list.encoded }
    if choice.slices > 1 {
      let end = arena.partials + product.shape.tiles(tile) * choice.slices * tile.partialBytes
      arena.bytes = max(arena.bytes, end)
    }
    let module = kernels.module(choice.arithmetic)
    launches.append(
      product.launch(
        choice, kernel: try module.kernel(tile.kernelName, sharedBytes: tile.sharedBytes),
        weights: weights, bias: weights + weightBytes, list: description,
        arrivals: arena.arrivals.lowerBound, partials: arena.partials))
    steps.append(
      CUDAPlan.Step(
        name: step.name, kernel: choice.name, convolution: convolution, size: buffer.size))
  }

  private func choose(_ product: DeviceProduct) throws(CUDAError) -> ConvolutionChoice {
    let candidates = ConvolutionChoice.candidates(
      product.shape, arithmetics: modules.map(\.arithmetic), on: kernels.device)
    if let forced = candidates.first(where: { $0.name == options.choice }) { return forced }
    return try tuner?.choose(candidates, for: product, kernels) ?? candidates[0]
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
      "\(step.name) is a grouped convolution of no kind that the family has")
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
      CUDAPlan.Step(
        name: step.name, kernel: "groups of \(width)", convolution: convolution,
        size: buffer.size))
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
