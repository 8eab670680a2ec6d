import DLABackend
import DLACPU
import DLASystem
import DLATensor

/// Chooses how products are computed by timing the likely ways on the device.
final class CUDATuner {
  private let tuning: Tuning
  private let cache: CUDATimings.Cache?
  private let device: CUDADevice
  private let stream: CUDAStream
  private let layers: Int
  private var layer = 0
  private var timings: CUDATimings
  private var isChanged = false
  /// Memory that stands for weights, lists and maps.
  private var memory: DeviceMemory?

  /// How many of the likeliest ways are timed.
  private static let contenders = 12
  private static let repetitions = 10
  private static let rounds = 5
  /// What an idle device needs to raise its clock.
  private static let warmUpSeconds = 0.05
  fileprivate static let alignment = 256

  /// Begins a plan of some products.
  init(_ tuning: Tuning, on device: CUDADevice, layers: Int) throws(CUDAError) {
    self.tuning = tuning
    self.device = device
    self.layers = layers
    stream = try CUDAStream(on: device)
    cache = tuning.cache.map { CUDATimings.Cache(folder: $0.folder) }
    timings = cache?.timings(of: Self.name(device)) ?? CUDATimings()
  }

  /// What tells the timings of one device from another's.
  private static func name(_ device: CUDADevice) -> String {
    let version = device.libraries.driverVersion
    let name = device.properties.name.unicodeScalars.map {
      $0.isASCII && $0.value >= 0x20 ? Character($0) : "?"
    }
    return "\(String(name)), \(device.capability), CUDA \(version.major).\(version.minor)"
  }

  /// The fastest of some ways, the likelier of which come first.
  func choose(
    _ candidates: [ConvolutionChoice], for product: DeviceProduct, _ kernels: CUDAKernels
  ) throws(CUDAError) -> ConvolutionChoice {
    layer += 1
    let key = "\(product.list.precision.rawValue) \(product.description)"
    if let kept = timings.choice(for: key),
      let choice = candidates.first(where: { $0.name == kept })
    {
      return choice
    }
    tuning.progress?(.timing(layer: layer, layers: layers))
    let contenders = Array(candidates.prefix(Self.contenders))
    let seconds = try seconds(of: contenders, for: product, kernels)
    let fastest = seconds.indices.min { seconds[$0] < seconds[$1] } ?? 0
    timings.note(contenders[fastest].name, for: key)
    isChanged = true
    return contenders[fastest]
  }

  /// Keeps what was timed.
  func finish() {
    guard isChanged else { return }
    cache?.save(timings, of: Self.name(device))
    tuning.progress?(.finished)
  }

  /// The least that each contender took; they take turns, so that a disturbance hits all.
  private func seconds(
    of contenders: [ConvolutionChoice], for product: DeviceProduct, _ kernels: CUDAKernels
  ) throws(CUDAError) -> [Double] {
    let trial = Trial(contenders, product)
    let isCold = self.memory == nil
    let memory = try prepare(trial, product)
    var graphs: [CUDAGraph] = []
    for choice in contenders {
      let module = kernels.module(choice.arithmetic)
      let launch = product.launch(
        choice,
        kernel: try module.kernel(choice.tile.kernelName, sharedBytes: choice.tile.sharedBytes),
        weights: trial.weights, bias: trial.bias, list: trial.list, arrivals: trial.arrivals,
        partials: trial.partials)
      graphs.append(
        try stream.capture { () throws(CUDAError) in
          for _ in 0..<Self.repetitions {
            try launch.start(in: stream, arena: memory.address, weights: memory.address)
          }
        })
    }
    let start = Platform.monotonicSeconds
    repeat {
      for graph in graphs { try stream.start(graph) }
      try stream.synchronize()
    } while isCold && Platform.monotonicSeconds - start < Self.warmUpSeconds
    var least = Array(repeating: Double.infinity, count: graphs.count)
    for _ in 0..<Self.rounds {
      for (index, graph) in graphs.enumerated() {
        let seconds = try stream.time { () throws(CUDAError) in try stream.start(graph) }
        least[index] = min(least[index], seconds / Double(Self.repetitions))
      }
    }
    return least
  }

  /// Memory with everything a trial reads.
  private func prepare(
    _ trial: Trial, _ product: DeviceProduct
  ) throws(CUDAError) -> DeviceMemory {
    let memory: DeviceMemory
    if let known = self.memory, known.bytes >= trial.bytes {
      memory = known
    } else {
      self.memory = nil
      memory = try DeviceMemory(bytes: trial.bytes, on: device, for: "timing \(product.name)")
      self.memory = memory
      // Numbers as they occur: zeros are faster than others.
      var random = KeyedRandom(key: "trial")
      let numbers = (0..<1 << 20).map { _ in Float(random.nextUniform()) }
      let bytes = encoded(
        numbers[...], as: product.list.precision.storedBytes == 4 ? .float32 : .float16)
      for start in stride(from: 0, to: trial.bytes, by: bytes.count) {
        try memory.write(bytes[..<min(bytes.count, trial.bytes - start)], at: start)
      }
    }
    try memory.write(product.list.encoded[...], at: trial.list)
    try memory.clear(trial.arrivals..<trial.partials)
    return memory
  }

  /// Places for all that a product reads and writes, whoever of some computes it; maps keep theirs.
  private struct Trial {
    let weights: Int
    let bias: Int
    let list: Int
    let arrivals: Int
    let partials: Int
    let bytes: Int

    init(_ contenders: [ConvolutionChoice], _ product: DeviceProduct) {
      let (shape, list) = (product.shape, product.list)
      var end = product.arenaEnd
      func take(_ bytes: (ConvolutionChoice) -> Int) -> Int {
        let alignment = CUDATuner.alignment
        let offset = (end + alignment - 1) / alignment * alignment
        end = offset + (contenders.map(bytes).max() ?? 0)
        return offset
      }
      weights = take {
        DeviceWeights.productBytes(
          list, channels: shape.channels, tileChannels: $0.tile.channels)
      }
      bias = take { 4 * shape.channelTiles($0.tile) * $0.tile.channels }
      self.list = take { _ in list.bytes }
      arrivals = take { 4 * shape.tiles($0.tile) }
      partials = take { $0.slices * shape.tiles($0.tile) * $0.tile.partialBytes }
      bytes = end
    }
  }
}

extension DeviceProduct {
  /// The end of all that it reads and writes in the arena, in bytes.
  fileprivate var arenaEnd: Int {
    let pixels = buffer.images * source.area
    let read = list.chunks.map { $0.offset + $0.pixelBytes * pixels }.max() ?? 0
    let added =
      shortcut.map { $0.offset + $0.pitch * list.precision.storedBytes * shape.pixels } ?? 0
    return max(read, added, offset + buffer.bytes)
  }
}
