import DLABackend
import DLAGraph
import DLATensor

/// Channels of a feature map that are contiguous in memory, in each of its pixels.
struct FeatureMapPart {
  /// Of the first channel of the first pixel in the arena, in bytes; a multiple of sixteen.
  let offset: Int
  /// From a pixel to the next, in numbers.
  let pitch: Int
  let channels: Int
  /// Channels with the zeros that fill whole chunks.
  let paddedChannels: Int
}

/// A value of the graph on a device, [N, H, W, C]: parts that lie anywhere.
struct DeviceFeatureMap {
  let parts: [FeatureMapPart]
  let images: Int
  let size: SpatialSize

  var pixels: Int { images * size.area }

  /// The only part; steps that know no lists need it.
  var onlyPart: FeatureMapPart {
    precondition(parts.count == 1, "\(parts.count) parts where one is expected")
    return parts[0]
  }
}

/// The memory that one step writes: all parts of a feature map side by side.
struct DeviceBuffer {
  /// Channels of each part, which slices may read alone.
  let segments: [Int]
  let images: Int
  let size: SpatialSize
  let precision: Precision

  /// Numbers of a pixel.
  var pitch: Int { segments.reduce(0) { $0 + padded($1) } }

  var bytes: Int { images * size.area * pitch * precision.storedBytes }

  /// The channel at each place of a pixel; nil for the zeros that fill chunks.
  var channels: [Int?] {
    var first = 0
    return segments.flatMap { segment -> [Int?] in
      defer { first += segment }
      return (0..<padded(segment)).map { $0 < segment ? first + $0 : nil }
    }
  }

  func parts(at offset: Int) -> [FeatureMapPart] {
    var place = offset
    return segments.map { segment in
      defer { place += padded(segment) * precision.storedBytes }
      return FeatureMapPart(
        offset: place, pitch: pitch, channels: segment, paddedChannels: padded(segment))
    }
  }

  private func padded(_ channels: Int) -> Int {
    let multiple = precision.numbersPerChunk
    return (channels + multiple - 1) / multiple * multiple
  }
}

/// Decides for every value of a graph where its parts lie in one arena.
///
/// Concatenations and slices take no memory: they are lists of parts.
struct DeviceFeatureMaps {
  private let graph: Graph
  private let images: Int
  private let size: SpatialSize
  private var buffers: [Graph.Value: (buffer: DeviceBuffer, offset: Int)] = [:]
  let arenaBytes: Int

  /// Buffers begin at multiples of this, in the floats that memory is planned in: two lines of the
  /// device's cache.
  private static let alignment = 64

  /// Lays out the feature maps of all steps; those of `kept` outlive the run.
  init(
    graph: Graph, steps: [LoweredStep], images: Int, size: SpatialSize, precision: Precision,
    kept: [Graph.Value]
  ) {
    (self.graph, self.images, self.size) = (graph, images, size)
    let segments = graph.segments
    let lifetimes = graph.lifetimes(of: steps, kept: kept)
    let all = ([graph.input] + steps.map(\.output)).map { value in
      let buffer = DeviceBuffer(
        segments: segments[value] ?? [graph[value].channels], images: images,
        size: graph.size(of: graph[value], input: size),
        // Scores are written as float32.
        precision: value == graph.logits ? .fp32 : precision)
      return (value: value, buffer: buffer)
    }
    let plan = MemoryPlan(
      all.map { value, buffer in
        BufferLifetime(
          floats: (buffer.bytes / 4 + Self.alignment - 1) / Self.alignment * Self.alignment,
          steps: lifetimes[value] ?? 0...0)
      })
    for (index, (value, buffer)) in all.enumerated() {
      buffers[value] = (buffer, plan.offsets[index] * 4)
    }
    arenaBytes = plan.totalFloats * 4
  }

  /// The parts of a value.
  func map(of value: Graph.Value) -> DeviceFeatureMap {
    DeviceFeatureMap(
      parts: parts(of: value), images: images, size: graph.size(of: graph[value], input: size))
  }

  /// The buffer that the step of a value writes, and its offset in the arena.
  func buffer(of value: Graph.Value) -> (buffer: DeviceBuffer, offset: Int) {
    guard let found = buffers[value] else {
      preconditionFailure("\(graph[value].name) has no memory of its own")
    }
    return found
  }

  private func parts(of value: Graph.Value) -> [FeatureMapPart] {
    if let (buffer, offset) = buffers[value] { return buffer.parts(at: offset) }
    let inputs = graph[value].inputs.flatMap(parts)
    guard case .slice(let range) = graph[value].operation else { return inputs }
    var channel = 0
    return inputs.filter { part in
      defer { channel += part.channels }
      return range.contains(channel)
    }
  }
}
