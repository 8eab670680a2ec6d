/// How feature maps lie in memory: channel blocks of sixteen channels, [C/16][N][H][W][16].
///
/// A channel block holds sixteen channels of every image, so a concatenation is a list of channel blocks, a slice is
/// a part of such a list, and a 1×1 convolution sees all images as one row of pixels. Feature maps that a
/// 3×3 window reads have a physical border of zeros. Channels above the last are zero.
package enum Layout {
  /// Channels of one channel block.
  package static let channelsPerBlock = 16
}
