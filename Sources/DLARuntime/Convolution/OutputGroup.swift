import DLAKernelTypes

/// Output channels that one kernel call computes together: one vector or two.
struct OutputGroup: Sendable {
  /// The first plane of the source list that the group reads, and how many it reads.
  let firstSource: Int
  let sourceCount: Int
  /// Vectors of output channels.
  let vectors: Int
  /// The output planes it fills.
  let planes: Range<Int>
  /// Pixel (0, 0) of the group's first vector, and the distance to its second.
  private(set) var destination = 0
  private(set) var destinationVector = 0
  private(set) var shortcut: Int?
  private(set) var shortcutVector = 0
  /// Where the group's weights and bias lie among those of its step.
  var weightsOffset = 0
  var biasOffset = 0

  init(firstSource: Int, sourceCount: Int, vectors: Int, planes: Range<Int>) {
    self.firstSource = firstSource
    self.sourceCount = sourceCount
    self.vectors = vectors
    self.planes = planes
  }

  /// Sets where the group's pixels lie.
  mutating func move(to problem: ConvolutionProblem) {
    func place(_ view: MapView) -> (first: Int, vector: Int) {
      let offset = view.planes[planes.lowerBound].offset
      let isPair = planes.count == 2
      return (
        offset + view.geometry.origin,
        isPair ? view.planes[planes.lowerBound + 1].offset - offset : problem.kernels.lanes
      )
    }
    (destination, destinationVector) = place(problem.destination)
    let added = problem.shortcut.map(place)
    (shortcut, shortcutVector) = (added?.first, added?.vector ?? 0)
  }

  /// Output channels, padding included.
  var width: Int { planes.count * Layout.channelsPerPlane }

  /// The output channel of every lane; nil where a lane is padding.
  func channels(_ destination: [MapPlane]) -> [Int?] {
    destination[planes].flatMap { plane in
      (0..<Layout.channelsPerPlane).map {
        $0 < plane.channels.count ? plane.channels.lowerBound + $0 : nil
      }
    }
  }
}

extension ConvolutionProblem {
  /// Cuts output planes into groups; planes with the same source planes may share one.
  ///
  /// - Parameter sources: for each output plane the source planes it reads.
  /// - Returns: the groups in the order of the planes.
  func outputGroups(sources: [Range<Int>]) -> [OutputGroup] {
    let planes = destination.planes
    let isWholePlane = kernels.lanes == Layout.channelsPerPlane
    var result: [OutputGroup] = []
    var index = 0
    while index < planes.count {
      let isPair =
        isWholePlane && index + 1 < planes.count && sources[index] == sources[index + 1]
      let end = index + (isPair ? 2 : 1)
      var group = OutputGroup(
        firstSource: sources[index].lowerBound, sourceCount: sources[index].count,
        vectors: isWholePlane ? end - index : Layout.channelsPerPlane / kernels.lanes,
        planes: index..<end)
      group.move(to: self)
      result.append(group)
      index = end
    }
    return result
  }
}
