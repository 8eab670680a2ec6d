import DLABackend
import DLASystem
import DLATensor

/// Chooses the computation of matrix products by timing the likely candidates on the device.
final class CUDATuner {
  private let tuner: Tuner
  private let kernels: CUDAKernels
  private let stream: CUDAStream
  /// The streams of the backend, all of which are taken for each trial.
  private let streams: FairQueue
  /// Memory that stands for weights, lists and feature maps.
  private var memory: DeviceMemory?

  private var device: CUDADevice { kernels.device }

  /// The number of candidates that are timed.
  private static let contenders = 12
  private static let repetitions = 10
  private static let rounds = 5
  /// The time an idle device needs to raise its clock.
  private static let warmUpSeconds = 0.05
  fileprivate static let alignment = 256

  /// Makes a tuner for one plan of `layers` products; no other work may use the streams during a
  /// trial.
  ///
  /// - Throws: `CUDAError`.
  init(
    _ tuning: Tuning, on kernels: CUDAKernels, streams: FairQueue, layers: Int
  ) throws(CUDAError) {
    (self.kernels, self.streams) = (kernels, streams)
    stream = try CUDAStream(on: kernels.device)
    tuner = Tuner(
      tuning, hardware: Self.hardware(kernels.device),
      algorithms: Arithmetic.allCases.map(\.rawValue), layers: layers)
  }

  /// One line of text that identifies the device and the version that timings hold for.
  private static func hardware(_ device: CUDADevice) -> String {
    let version = device.libraries.driverVersion
    let name = device.properties.name.unicodeScalars.map {
      $0.isASCII && $0.value >= 0x20 ? Character($0) : "?"
    }
    return "\(String(name)), \(device.capability), CUDA \(version.major).\(version.minor), "
      + "swift-dla \(packageVersion)"
  }

  /// Chooses the computation of a product.
  ///
  /// - Returns: the fastest and the measured seconds of those that were timed, in their order.
  /// - Throws: `CUDAError`.
  func choose(
    _ candidates: [ConvolutionChoice], for product: DeviceProduct
  ) throws(CUDAError) -> (choice: ConvolutionChoice, seconds: [Double]) {
    let contenders = Array(candidates.prefix(Self.contenders))
    let found = try tuner.choose(
      contenders, layer: product.name,
      problem: "\(product.list.precision.rawValue) \(product.description)"
    ) { () throws(CUDAError) in
      try streams.withAllTurns { () throws(CUDAError) in try seconds(of: contenders, for: product) }
    }
    return (contenders[found?.index ?? 0], found?.seconds ?? [])
  }

  func finish() { tuner.finish() }

  /// The least seconds of each candidate; they alternate, so that a disturbance affects all.
  private func seconds(
    of contenders: [ConvolutionChoice], for product: DeviceProduct
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
        weights: trial.weights, bias: trial.bias, list: trial.list, counters: trial.counters,
        workspace: trial.workspace)
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

  /// Memory with everything that a trial reads.
  private func prepare(_ trial: Trial, _ product: DeviceProduct) throws(CUDAError) -> DeviceMemory {
    let memory: DeviceMemory
    if let known = self.memory, known.bytes >= trial.bytes {
      memory = known
    } else {
      self.memory = nil
      memory = try DeviceMemory(bytes: trial.bytes, on: device, for: "timing \(product.name)")
      self.memory = memory
      // Typical numbers: zeros are faster.
      var random = KeyedRandom(key: "trial")
      let numbers = (0..<1 << 20).map { _ in Float(random.nextUniform()) }
      let bytes = encoded(
        numbers[...], as: product.list.precision.storedBytes == 4 ? .float32 : .float16)
      for start in stride(from: 0, to: trial.bytes, by: bytes.count) {
        try memory.write(bytes[..<min(bytes.count, trial.bytes - start)], at: start)
      }
    }
    try memory.write(product.list.encoded[...], at: trial.list)
    try memory.clear(trial.counters..<trial.workspace)
    return memory
  }

  /// Offsets of everything that the candidates read and write; feature maps keep theirs.
  private struct Trial {
    let weights: Int
    let bias: Int
    let list: Int
    let counters: Int
    let workspace: Int
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
        DeviceWeights.productBytes(list, channels: shape.channels, tileChannels: $0.tile.channels)
      }
      bias = take { 4 * shape.channelTiles($0.tile) * $0.tile.channels }
      self.list = take { _ in list.bytes }
      counters = take { 4 * shape.tiles($0.tile) }
      workspace = take { $0.splitK * shape.tiles($0.tile) * $0.tile.workspaceBytes }
      bytes = end
    }
  }
}

extension DeviceProduct {
  /// The end of everything that it reads and writes in the arena, in bytes.
  fileprivate var arenaEnd: Int {
    let pixels = buffer.images * source.area
    let read = list.chunks.map { $0.offset + $0.pixelBytes * pixels }.max() ?? 0
    let added =
      shortcut.map { $0.offset + $0.pitch * list.precision.storedBytes * shape.pixels } ?? 0
    return max(read, added, offset + buffer.bytes)
  }
}
