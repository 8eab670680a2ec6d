import DLAKernelTypes

/// Output channels that one kernel call computes together: one vector or two.
struct OutputGroup: Sendable {
  /// The first plane of the source list that the group reads, and how many it reads.
  let firstSource: Int
  let sourceCount: Int
  /// Vectors of output channels.
  let vectors: Int
  /// The output channel of every lane; nil where a lane is padding.
  let channels: [Int?]
  /// Pixel (0, 0) of the group's first vector, and the distance to its second.
  let destination: Int
  let destinationVector: Int
  let shortcut: Int?
  let shortcutVector: Int
  /// Where the group's weights and bias lie among those of its step.
  var weightsOffset = 0
  var biasOffset = 0
}

extension ConvolutionProblem {
  /// Cuts output planes into groups; planes with the same source planes may share one.
  ///
  /// - Parameter sources: for each output plane the source planes it reads.
  /// - Returns: the groups in the order of the planes.
  func outputGroups(sources: [Range<Int>]) -> [OutputGroup] {
    let lanes = kernels.lanes
    let planes = destination.planes
    let origin = destination.geometry.origin
    let shortcutOrigin = shortcut?.geometry.origin ?? 0
    func channels(_ planes: ArraySlice<MapPlane>) -> [Int?] {
      planes.flatMap { plane in
        (0..<Layout.channelsPerPlane).map {
          $0 < plane.channels.count ? plane.channels.lowerBound + $0 : nil
        }
      }
    }
    var result: [OutputGroup] = []
    var index = 0
    while index < planes.count {
      let wholePlane = lanes == Layout.channelsPerPlane
      let isPair =
        wholePlane && index + 1 < planes.count && sources[index] == sources[index + 1]
      let end = index + (isPair ? 2 : 1)
      let shortcutPlane = shortcut?.planes[index].offset
      result.append(
        OutputGroup(
          firstSource: sources[index].lowerBound, sourceCount: sources[index].count,
          vectors: wholePlane ? end - index : Layout.channelsPerPlane / lanes,
          channels: channels(planes[index..<end]),
          destination: planes[index].offset + origin,
          destinationVector: isPair ? planes[index + 1].offset - planes[index].offset : lanes,
          shortcut: shortcutPlane.map { $0 + shortcutOrigin },
          shortcutVector: isPair
            ? (shortcut.map { $0.planes[index + 1].offset - $0.planes[index].offset } ?? 0) : lanes)
      )
      index = end
    }
    return result
  }
}
