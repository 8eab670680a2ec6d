/// Winograd's minimal filtering along the rows of NCHW images: F(4, 4), twice for up to eight kernel elements.
///
/// Four outputs of a row take seven products for each half of the kernel elements, where the definition takes
/// four times the kernel elements. Both halves have the same points, so their products are summed before they
/// are transformed back; and the inputs of the second half are those of the next four outputs' first.
///
/// Accuracy: within 2e-6 relative L2 of the definition in float64, see `ConvolutionTests`.
package enum Winograd1D {
  /// Outputs of a tile, and kernel elements of a half.
  package static let outputs = 4
  /// Points of a tile; infinity is the last.
  package static let points = 7
  /// The points but infinity: the ones that round least of those tried, in pairs that share work.
  package static let finitePoints = [0.3, -0.3, 0.9, -0.9, 1.8, -1.8]
}

/// One row of one channel that is to be transformed.
///
/// Distances are in floats.
package struct Winograd1DInputCall {
  /// The first kernel element of the first output, and how many pixels there are from it to the border's end.
  package var source: UnsafePointer<Float>
  package var pixels: Int
  /// Point 0 of the row, and the distance to the next point; a tile takes one float.
  package var destination: UnsafeMutablePointer<Float>
  package var pointStep: Int
  /// A multiple of sixteen; those behind the row are made of zeros.
  package var paddedTiles: Int
  /// Room for `outputs` × (`paddedTiles` + 16) floats.
  package var scratch: UnsafeMutablePointer<Float>

  package init(
    source: UnsafePointer<Float>, pixels: Int, destination: UnsafeMutablePointer<Float>,
    pointStep: Int, paddedTiles: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    self.source = source
    self.pixels = pixels
    self.destination = destination
    self.pointStep = pointStep
    self.paddedTiles = paddedTiles
    self.scratch = scratch
  }
}

/// One row of products of one channel block that is to become pixels.
///
/// Distances are in floats.
package struct Winograd1DOutputCall {
  /// Point 0 of the first tile, sixteen channels; tiles are sixteen floats apart.
  package var source: UnsafePointer<Float>
  package var pointStep: Int
  /// Tiles of the row.
  package var tiles: Int
  /// Sixteen values.
  package var bias: UnsafePointer<Float>
  package var destination: UnsafeMutablePointer<Float>
  /// Whether negative results become zero.
  package var relu: Bool

  package init(
    source: UnsafePointer<Float>, pointStep: Int, tiles: Int, bias: UnsafePointer<Float>,
    destination: UnsafeMutablePointer<Float>, relu: Bool
  ) {
    self.source = source
    self.pointStep = pointStep
    self.tiles = tiles
    self.bias = bias
    self.destination = destination
    self.relu = relu
  }
}
