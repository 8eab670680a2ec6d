import DLACore
import DLARuntime

/// Chooses how products are computed by timing the likely ways on the device.
final class CUDATuner {
  private let tuning: CUDATuning
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
  private static let rounds = 3
  private static let alignment = 256

  init(_ tuning: CUDATuning, on device: CUDADevice, layers: Int) throws(CUDAError) {
    self.tuning = tuning
    self.device = device
    self.layers = layers
    stream = try CUDAStream(on: device)
    timings = tuning.cache?.timings(of: Self.name(device)) ?? CUDATimings()
  }

  /// What tells the timings of one device from another's.
  private static func name(_ device: CUDADevice) -> String {
    let version = device.libraries.driverVersion
    let name = device.name.unicodeScalars.map {
      $0.isASCII && $0.value >= 0x20 ? Character($0) : "?"
    }
    return "\(String(name)), \(device.capability), CUDA \(version.major).\(version.minor)"
  }

  /// The fastest of some ways, the likelier of which come first.
  func choose(
    _ candidates: [ConvolutionChoice], for product: DeviceProduct, modules: [KernelModule]
  ) throws(CUDAError) -> ConvolutionChoice {
    layer += 1
    let key = "\(product.list.precision.rawValue) \(product.description)"
    if let kept = timings.choice(for: key),
      let choice = candidates.first(where: { $0.name == kept })
    {
      return choice
    }
    tuning.progress?(layer, layers)
    isChanged = true
    var best = candidates[0]
    var bestSeconds = Double.infinity
    for candidate in candidates.prefix(Self.contenders) {
      guard let module = modules.first(where: { $0.arithmetic == candidate.arithmetic }) else {
        continue
      }
      let seconds = try seconds(of: candidate, for: product, module)
      if seconds < bestSeconds { (best, bestSeconds) = (candidate, seconds) }
    }
    timings.note(best.name, seconds: bestSeconds, for: key)
    return best
  }

  /// Keeps what was timed.
  func finish() {
    guard isChanged else { return }
    tuning.cache?.save(timings, of: Self.name(device))
    tuning.finished?()
  }

  private func seconds(
    of choice: ConvolutionChoice, for product: DeviceProduct, _ module: KernelModule
  ) throws(CUDAError) -> Double {
    let trial = Trial(choice, product)
    let memory = try prepare(trial, product)
    let kernel = try module.kernel(
      choice.tile.kernelName, sharedBytes: choice.tile.sharedBytes)
    let launch = trial.product.launch(
      choice, kernel: kernel, weights: trial.weights, bias: trial.bias, list: trial.list,
      arrivals: trial.arrivals, partials: trial.partials)
    let repeated = try stream.capture { () throws(CUDAError) in
      for _ in 0..<Self.repetitions {
        try launch.start(in: stream, arena: memory.address, weights: memory.address)
      }
    }
    try stream.start(repeated)
    var times: [Double] = []
    for _ in 0..<Self.rounds {
      times.append(try stream.time { () throws(CUDAError) in try stream.start(repeated) })
    }
    return times.sorted()[Self.rounds / 2] / Double(Self.repetitions)
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
    try memory.write(trial.product.list.encoded[...], at: trial.list)
    try memory.clear(trial.arrivals..<trial.partials)
    return memory
  }

  /// A product with places of its own for all that it reads and writes.
  private struct Trial {
    let product: DeviceProduct
    let weights: Int
    let bias: Int
    let list: Int
    let arrivals: Int
    let partials: Int
    let bytes: Int

    init(_ choice: ConvolutionChoice, _ product: DeviceProduct) {
      var end = 0
      func take(_ bytes: Int) -> Int {
        defer {
          end += (bytes + CUDATuner.alignment - 1) / CUDATuner.alignment * CUDATuner.alignment
        }
        return end
      }
      // Maps keep their places.
      end = product.arenaEnd
      _ = take(0)
      let tile = choice.tile
      let channels = product.shape.channelTiles(tile) * tile.channels
      weights = take(
        DeviceWeights.productBytes(
          product.list, channels: product.shape.channels, tileChannels: tile.channels))
      bias = take(4 * channels)
      list = take(product.list.bytes)
      arrivals = take(4 * product.shape.tiles(tile))
      partials = take(choice.slices * product.shape.tiles(tile) * tile.partialBytes)
      bytes = end
      self.product = product
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
    let end = max(read, added, offset + buffer.bytes)
    return (end + 255) / 256 * 256
  }
}
