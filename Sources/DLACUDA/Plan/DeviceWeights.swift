import DLABackend
import DLAGraph
import DLATensor

/// A convolution's weights in the order its kernel reads them.
enum DeviceWeights {
  /// [block of the list][output channel, padded to whole tiles][128 bytes of the list].
  ///
  /// `list` is what a pixel reads; `places` are the output channels at each place of a pixel of the
  /// destination, nil for filling.
  ///
  /// - Returns: as many bytes as `productBytes` says.
  /// - Throws: `RuntimeError` with `.brokenWeights` if float16 can't hold a weight.
  static func product(
    _ name: String, _ folded: FoldedWeights, list: SourceList, places: [Int?], tileChannels: Int
  ) throws(RuntimeError) -> [UInt8] {
    let numbersPerChunk = list.precision.numbersPerChunk
    let rows = (places.count + tileChannels - 1) / tileChannels * tileChannels
    let rowNumbers = SourceList.chunksPerBlock * numbersPerChunk
    var numbers = [Float](repeating: 0, count: list.blocks * rows * rowNumbers)
    let area = folded.convolution.kernelSize * folded.convolution.kernelSize
    let inputs = folded.convolution.inChannels
    for (row, place) in places.enumerated() {
      guard let channel = place else { continue }
      let scale = folded.scale[channel]
      let first = channel * inputs * area
      for (index, chunk) in list.chunks.enumerated() {
        let (block, column) = index.quotientAndRemainder(dividingBy: SourceList.chunksPerBlock)
        let target = (block * rows + row) * rowNumbers + column * numbersPerChunk
        for (i, input) in chunk.weights.channels.enumerated() {
          let weight = folded.weights[first + input * area + chunk.weights.element]
          numbers[target + i] = Float(Double(weight) * scale)
        }
      }
    }
    if list.precision == .fp16, numbers.contains(where: { abs($0) >= float16Overflow }) {
      throw RuntimeError(
        code: .brokenWeights,
        message:
          "\(name) has a weight that is larger than fp16 holds, 65504, with the norm in it; use bf16"
      )
    }
    return list.precision.encoded(numbers)
  }

  static func productBytes(_ list: SourceList, channels: Int, tileChannels: Int) -> Int {
    let rows = (channels + tileChannels - 1) / tileChannels * tileChannels
    return list.blocks * rows * SourceList.bytesPerBlock
  }

  /// Biases at the places of a destination's pixel, filled up to whole tiles.
  static func bias(_ folded: FoldedWeights, places: [Int?], tileChannels: Int) -> [UInt8] {
    let rows = (places.count + tileChannels - 1) / tileChannels * tileChannels
    var numbers = [Float](repeating: 0, count: rows)
    for (row, place) in places.enumerated() {
      if let channel = place { numbers[row] = folded.bias[channel] }
    }
    return encoded(numbers[...], as: .float32)
  }

  /// [kernel row][four input channels of the group][kernel column][input channel][output channel]
  /// in float32, as `GroupedConvolution.cu` reads them.
  ///
  /// The convolution is 3×3 with as many channels in as out. `width` is the channels of a group as
  /// the kernel sees it: some of the convolution's own, with zeros between them.
  ///
  /// - Returns: 9 · `width` numbers for each channel.
  static func grouped(_ folded: FoldedWeights, width: Int) -> [UInt8] {
    let convolution = folded.convolution
    let channels = convolution.outChannels
    let own = channels / convolution.groups
    var numbers = [Float](repeating: 0, count: 9 * width * channels)
    for channel in 0..<channels {
      for input in 0..<own {
        // Of the input among those of the wider group.
        let position = channel / own * own % width + input
        for element in 0..<9 {
          let (row, column) = element.quotientAndRemainder(dividingBy: 3)
          let (quad, lane) = position.quotientAndRemainder(dividingBy: 4)
          let index = ((row * (width / 4) + quad) * 3 + column) * 4 + lane
          let weight = folded.weights[(channel * own + input) * 9 + element]
          numbers[index * channels + channel] = Float(Double(weight) * folded.scale[channel])
        }
      }
    }
    return encoded(numbers[...], as: .float32)
  }

  static func groupedBytes(_ convolution: Convolution, width: Int) -> Int {
    9 * width * convolution.outChannels * 4
  }

  /// Channels of the groups that the kernel sees: the convolution's, or as many side by side as
  /// make a multiple of four.
  static func groupWidth(_ convolution: Convolution) -> Int {
    let own = convolution.outChannels / convolution.groups
    var width = own
    while width % 4 != 0 { width += own }
    return width
  }
}

extension Precision {
  /// Numbers as maps hold them.
  fileprivate func encoded(_ numbers: [Float]) -> [UInt8] {
    switch self {
    case .fp32, .tf32: DLATensor.encoded(numbers[...], as: .float32)
    case .fp16: DLATensor.encoded(numbers[...], as: .float16)
    case .bf16: DLATensor.encoded(numbers[...], as: .bfloat16)
    }
  }
}
