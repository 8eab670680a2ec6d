import CDLAKernels

/// Output channels that one kernel call computes together: one vector or two.
struct OutputGroup: Sendable {
  /// The first channel block of the source list that the group reads, and how many it reads.
  let firstSource: Int
  let sourceCount: Int
  /// Vectors of output channels.
  let vectors: Int
  /// The output channel blocks it fills.
  let channelBlocks: Range<Int>
  /// Pixel (0, 0) of the group's first vector, and the distance to its second.
  private(set) var destination = 0
  private(set) var destinationVector = 0
  private(set) var shortcut: Int?
  private(set) var shortcutVector = 0
  /// The offsets of the group's weights and bias among those of its step.
  var weightsOffset = 0
  var biasOffset = 0

  init(firstSource: Int, sourceCount: Int, vectors: Int, channelBlocks: Range<Int>) {
    (self.firstSource, self.sourceCount, self.vectors) = (firstSource, sourceCount, vectors)
    self.channelBlocks = channelBlocks
  }

  /// Sets where the group's pixels lie.
  mutating func move(to problem: ConvolutionProblem) {
    func place(_ view: TensorView) -> (first: Int, vector: Int) {
      let offset = view.channelBlocks[channelBlocks.lowerBound].offset
      let isPair = channelBlocks.count == 2
      return (
        offset + view.geometry.origin,
        isPair
          ? view.channelBlocks[channelBlocks.lowerBound + 1].offset - offset : problem.kernels.lanes
      )
    }
    (destination, destinationVector) = place(problem.destination)
    let added = problem.shortcut.map(place)
    (shortcut, shortcutVector) = (added?.first, added?.vector ?? 0)
  }

  /// Output channels, padding included.
  var width: Int { channelBlocks.count * Layout.channelsPerBlock }

  /// The output channel of every lane; nil where a lane is padding.
  func channels(_ destination: [ChannelBlock]) -> [Int?] {
    destination[channelBlocks].flatMap { channelBlock in
      (0..<Layout.channelsPerBlock).map {
        $0 < channelBlock.channels.count ? channelBlock.channels.lowerBound + $0 : nil
      }
    }
  }
}

extension ConvolutionProblem {
  /// Divides output channel blocks into groups; channel blocks with the same source channel blocks
  /// may share one.
  ///
  /// `sources` are the source channel blocks that each output channel block reads.
  ///
  /// - Returns: the groups in the order of the channel blocks.
  func outputGroups(sources: [Range<Int>]) -> [OutputGroup] {
    let channelBlocks = destination.channelBlocks
    let isWholeChannelBlock = kernels.lanes == Layout.channelsPerBlock
    var result: [OutputGroup] = []
    var index = 0
    while index < channelBlocks.count {
      let isPair =
        isWholeChannelBlock && index + 1 < channelBlocks.count
        && sources[index] == sources[index + 1]
      let end = index + (isPair ? 2 : 1)
      var group = OutputGroup(
        firstSource: sources[index].lowerBound, sourceCount: sources[index].count,
        vectors: isWholeChannelBlock ? end - index : Layout.channelsPerBlock / kernels.lanes,
        channelBlocks: index..<end)
      group.move(to: self)
      result.append(group)
      index = end
    }
    return result
  }
}
