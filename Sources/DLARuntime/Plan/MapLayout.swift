import DLACore
import DLAKernelTypes

/// How the planes of one buffer lie: every image with its border of zeros.
///
/// Distances are in floats.
struct MapGeometry: Equatable {
  let images: Int
  let size: Size
  /// Zeros around each image, in pixels.
  let border: Int
  /// Floats of a pixel: sixteen in a plane, one in a planar image.
  let pixel: Int
  /// How far apart pixels and rows lie, in pixels of the memory.
  var spacing = 1

  private var memoryRow: Int { (size.width * spacing + 2 * border) * pixel }
  var row: Int { memoryRow * spacing }
  var image: Int { (size.height * spacing + 2 * border) * memoryRow }
  var plane: Int { images * image }
  /// From the start of an image to its pixel (0, 0).
  var origin: Int { border * (memoryRow + pixel) }
}

/// The memory that one step writes.
struct MapBuffer {
  /// Logical channels side by side; each segment starts a plane of its own, so that it can be read
  /// alone.
  let segments: [Int]
  let geometry: MapGeometry

  var planeCount: Int { segments.reduce(0) { $0 + planesFor(channels: $1) } }
  var floats: Int { planeCount * geometry.plane }

  private func planesFor(channels: Int) -> Int {
    guard geometry.pixel > 1 else { return channels }
    return (channels + Layout.channelsPerPlane - 1) / Layout.channelsPerPlane
  }

  /// The planes of the buffer, in order.
  var planes: [MapPlane] {
    var result: [MapPlane] = []
    var channel = 0
    let width = geometry.pixel > 1 ? Layout.channelsPerPlane : 1
    for segment in segments {
      for first in stride(from: 0, to: segment, by: width) {
        let count = min(width, segment - first)
        result.append(
          MapPlane(
            offset: result.count * geometry.plane,
            channels: channel + first..<channel + first + count))
      }
      channel += segment
    }
    return result
  }
}

extension MapBuffer {
  /// The whole buffer, where it begins at `offset`.
  func view(at offset: Int) -> MapView {
    MapView(
      planes: planes.map { MapPlane(offset: $0.offset + offset, channels: $0.channels) },
      geometry: geometry)
  }
}

/// One plane of a view: where it starts, and which channels of the view it holds from its first on.
struct MapPlane {
  var offset: Int
  var channels: Range<Int>
}

/// What a step reads or writes: planes of one geometry, wherever they lie in the arena.
struct MapView {
  let planes: [MapPlane]
  let geometry: MapGeometry

  /// One image of the view; a view of one image is that image.
  func image(_ index: Int) -> MapView {
    guard geometry.images > 1 else { return self }
    return MapView(
      planes: planes.map {
        MapPlane(offset: $0.offset + index * geometry.image, channels: $0.channels)
      },
      geometry: MapGeometry(
        images: 1, size: geometry.size, border: geometry.border, pixel: geometry.pixel,
        spacing: geometry.spacing))
  }

  var bytes: Int { planes.count * geometry.plane * MemoryLayout<Float>.size }
  var channelCount: Int { planes.reduce(0) { $0 + $1.channels.count } }
}
