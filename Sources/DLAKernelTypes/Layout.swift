/// How feature maps lie in memory: planes of sixteen channels, [C/16][N][H][W][16].
///
/// A plane holds sixteen channels of every image, so a concatenation is a list of planes, a slice is
/// a part of such a list, and a 1×1 convolution sees all images as one row of pixels. Maps that a
/// 3×3 window reads have a physical border of zeros. Channels above the last are zero.
package enum Layout {
  /// Channels of one plane.
  package static let channelsPerPlane = 16
}
