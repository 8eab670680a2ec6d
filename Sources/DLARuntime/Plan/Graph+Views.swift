import DLACore

extension Graph {
  /// The values whose memory a value consists of: itself, but for concatenations and slices.
  package func bases(of value: Value) -> [Value] {
    switch self[value].operation {
    case .concatenate, .slice: self[value].inputs.flatMap(bases)
    default: [value]
    }
  }

  /// The channel blocks of a value; a concatenation's are its parts' in order, a slice's some of its input's.
  ///
  /// - Parameters:
  ///   - value: the value.
  ///   - base: the channel blocks of a value that has memory of its own, nil for others.
  /// - Returns: the channel blocks, wherever they lie.
  func view(of value: Value, base: (Value) -> TensorView?) -> TensorView {
    if let view = base(value) { return view }
    let parts = self[value].inputs.map { view(of: $0, base: base) }
    switch self[value].operation {
    case .concatenate:
      var channelBlocks: [ChannelBlock] = []
      var channel = 0
      for part in parts {
        channelBlocks += part.channelBlocks.map {
          ChannelBlock(
            offset: $0.offset,
            channels: $0.channels.lowerBound + channel..<$0.channels.upperBound + channel)
        }
        channel += part.channelCount
      }
      return TensorView(channelBlocks: channelBlocks, geometry: parts[0].geometry)
    case .slice(let range):
      let channelBlocks = parts[0].channelBlocks.filter { range.contains($0.channels.lowerBound) }
        .map {
          ChannelBlock(
            offset: $0.offset,
            channels: $0.channels.lowerBound - range.lowerBound..<$0.channels.upperBound
              - range.lowerBound)
        }
      return TensorView(channelBlocks: channelBlocks, geometry: parts[0].geometry)
    default: preconditionFailure("\(self[value].name) has no memory of its own")
    }
  }

  /// The widths of the slices that a value is cut into, where it is.
  package var segments: [Value: [Int]] {
    var result: [Value: [Int]] = [:]
    for node in nodes {
      if case .slice(let range) = node.operation {
        result[node.inputs[0], default: []].append(range.count)
      }
    }
    return result
  }

  /// A border of one where a 3×3 window reads, and the same border for all parts of a concatenation,
  /// for images of some size.
  func borders(input size: SpatialSize) -> [Value: Int] {
    var result: [Value: Int] = [:]
    for node in nodes {
      let needed =
        switch node.operation {
        case .convolution(let convolution):
          convolution.trimmed(to: self.size(of: self[node.inputs[0]], input: size)).padding
        case .averagePool3x3: 1
        default: 0
        }
      guard needed > 0, let read = node.inputs.first, read != input else { continue }
      for base in bases(of: read) { result[base] = max(result[base, default: 0], needed) }
    }
    let groups = nodes.indices.compactMap { index in
      if case .concatenate = nodes[index].operation { bases(of: Value(node: index)) } else { nil }
    }
    var changed = true
    while changed {
      changed = false
      for group in groups {
        let widest = group.map { result[$0, default: 0] }.max() ?? 0
        for base in group where result[base, default: 0] != widest {
          result[base] = widest
          changed = true
        }
      }
    }
    return result
  }
}
