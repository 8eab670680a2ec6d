import CDLAKernels
import DLAGraph
import DLATensor

/// Feature maps in memory: channel blocks of sixteen channels, [C/16][N][H][W][16].
///
/// A channel block holds sixteen channels of every image, so a concatenation is a list of channel
/// blocks, a slice is a part of such a list, and a 1×1 convolution sees all images as one row of
/// pixels. Feature maps that a 3×3 window reads have a physical border of zeros. Channels above the
/// last are zero.
package enum Layout {
  package static let channelsPerBlock = 16
}

/// The layout of the channel blocks of one buffer: every image with its border of zeros.
///
/// Distances are in floats.
struct FeatureMapGeometry: Equatable {
  let images: Int
  let size: SpatialSize
  /// Zeros around each image, in pixels.
  let border: Int
  /// Floats of a pixel: sixteen in a channel block, one in an NCHW image.
  let pixel: Int
  /// The distance of pixels and rows, in pixels of the memory.
  var spacing = 1

  private var memoryRow: Int { (size.width * spacing + 2 * border) * pixel }
  var row: Int { memoryRow * spacing }
  var image: Int { (size.height * spacing + 2 * border) * memoryRow }
  var channelBlock: Int { images * image }
  /// From the start of an image to its pixel (0, 0).
  var origin: Int { border * (memoryRow + pixel) }
}

/// The memory that one step writes.
struct FeatureMapBuffer {
  /// Logical channels side by side; each segment starts a channel block of its own, so that it can
  /// be read alone.
  let segments: [Int]
  let geometry: FeatureMapGeometry

  var channelBlockCount: Int { segments.reduce(0) { $0 + channelBlocksFor(channels: $1) } }
  var floats: Int { channelBlockCount * geometry.channelBlock }

  private func channelBlocksFor(channels: Int) -> Int {
    guard geometry.pixel > 1 else { return channels }
    return (channels + Layout.channelsPerBlock - 1) / Layout.channelsPerBlock
  }

  /// The channel blocks of the buffer, in order.
  var channelBlocks: [ChannelBlock] {
    var result: [ChannelBlock] = []
    var channel = 0
    let width = geometry.pixel > 1 ? Layout.channelsPerBlock : 1
    for segment in segments {
      for first in stride(from: 0, to: segment, by: width) {
        let count = min(width, segment - first)
        result.append(
          ChannelBlock(
            offset: result.count * geometry.channelBlock,
            channels: channel + first..<channel + first + count))
      }
      channel += segment
    }
    return result
  }
}

extension FeatureMapBuffer {
  /// The whole buffer, where it begins at `offset`.
  func view(at offset: Int) -> TensorView {
    TensorView(
      channelBlocks: channelBlocks.map {
        ChannelBlock(offset: $0.offset + offset, channels: $0.channels)
      },
      geometry: geometry)
  }
}

/// One channel block of a view: where it starts, and which channels of the view it holds from its
/// first on.
struct ChannelBlock {
  var offset: Int
  var channels: Range<Int>
}

/// The channel blocks that a step reads or writes, all of one geometry, anywhere in the arena.
struct TensorView {
  let channelBlocks: [ChannelBlock]
  let geometry: FeatureMapGeometry

  /// One image of the view; a view of one image is that image.
  func image(_ index: Int) -> TensorView {
    guard geometry.images > 1 else { return self }
    return TensorView(
      channelBlocks: channelBlocks.map {
        ChannelBlock(offset: $0.offset + index * geometry.image, channels: $0.channels)
      },
      geometry: FeatureMapGeometry(
        images: 1, size: geometry.size, border: geometry.border, pixel: geometry.pixel,
        spacing: geometry.spacing))
  }

  var bytes: Int { channelBlocks.count * geometry.channelBlock * MemoryLayout<Float>.size }
  var channelCount: Int { channelBlocks.reduce(0) { $0 + $1.channels.count } }
}

extension Graph {
  /// The channel blocks of a value; a concatenation's are its parts' in order, a slice's some of
  /// its input's.
  ///
  /// `base` gives the channel blocks of a value that has memory of its own, nil for others.
  ///
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
}

extension TensorView {
  /// One image of one channel block.
  func rows(
    channelBlock: Int, image: Int, _ arena: UnsafeMutablePointer<Float>
  ) -> DestinationRows {
    DestinationRows(
      base: arena + channelBlocks[channelBlock].offset + image * geometry.image + geometry.origin,
      row: geometry.row, pixel: geometry.pixel * geometry.spacing)
  }
}

extension TensorView {
  /// The pieces of a feature map that workers share: the images of its channel blocks.
  func forEachImage(_ worker: Worker, _ body: (_ channelBlock: Int, _ image: Int) -> Void) {
    for unit in worker.share(of: channelBlocks.count * geometry.images) {
      let (channelBlock, image) = unit.quotientAndRemainder(dividingBy: geometry.images)
      body(channelBlock, image)
    }
  }
}

extension DestinationRows {
  /// The same rows for reading.
  var source: SourceRows { SourceRows(base: UnsafePointer(base), row: row, pixel: pixel) }
}
