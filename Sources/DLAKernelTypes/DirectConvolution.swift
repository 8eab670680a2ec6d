/// The geometry of a convolution whose taps are read where they lie.
///
/// Distances are in floats.
/// In a row of the kernel the taps of one output pixel are consecutive floats: `side`×16 channels of
/// a plane, or `side` pixels of a planar image. A tap is one float of the source times a vector of
/// output channels.
package struct DirectConvolution: Sendable {
  /// How far apart neighbouring output pixels lie, and their source pixels.
  package enum PixelStep: Sendable {
    /// One float: planar images.
    case planar
    /// Sixteen floats: planes, stride 1.
    case plane
    /// Thirty-two floats: planes, stride 2.
    case planeStride2
    /// Sixteen floats, and thirty-two between output pixels: gradients behind a stride.
    case planeToStride2
  }

  package var pixelStep: PixelStep
  /// Source planes that one output pixel reads.
  package var sourcePlanes: Int
  /// Rows of the kernel.
  package var kernelRows: Int
  /// Taps in a row of the kernel.
  package var taps: Int
  /// From one source row to the next.
  package var sourceRow: Int
  /// From one output row to the next.
  package var destinationRow: Int
  /// From one row of the shortcut to the next.
  package var shortcutRow: Int
  /// Source rows per output row.
  package var stride: Int
  /// Whether negative results become zero.
  package var relu: Bool

  package init(
    pixelStep: PixelStep, sourcePlanes: Int, kernelRows: Int, taps: Int, stride: Int,
    sourceRow: Int, destinationRow: Int, shortcutRow: Int, relu: Bool
  ) {
    self.pixelStep = pixelStep
    self.sourcePlanes = sourcePlanes
    self.kernelRows = kernelRows
    self.taps = taps
    self.stride = stride
    self.sourceRow = sourceRow
    self.destinationRow = destinationRow
    self.shortcutRow = shortcutRow
    self.relu = relu
  }
}

/// One call of a convolution: a rectangle of output pixels of one group of output channels.
package struct ConvolutionCall {
  /// What `planes` counts from: the first tap of output pixel (0, 0) of plane 0 lies at
  /// `source + planes[0]`.
  package var source: UnsafePointer<Float>
  package var planes: UnsafePointer<Int>
  /// Packed in the order they are read: [plane][kernel row][tap][channel of the group].
  package var weights: UnsafePointer<Float>
  /// One value per channel of the group.
  package var bias: UnsafePointer<Float>
  /// The group's first vector of output pixel (0, 0), and the distance to its second vector.
  package var destination: UnsafeMutablePointer<Float>
  package var destinationVector: Int
  /// What is added before the ReLU, addressed as the destination is.
  package var shortcut: UnsafePointer<Float>?
  package var shortcutVector: Int
  /// Vectors of output channels: 1 or 2.
  package var vectors: Int
  package var rows: Range<Int>
  package var columns: Range<Int>

  package init(
    source: UnsafePointer<Float>, planes: UnsafePointer<Int>, weights: UnsafePointer<Float>,
    bias: UnsafePointer<Float>, destination: UnsafeMutablePointer<Float>, destinationVector: Int,
    shortcut: UnsafePointer<Float>?, shortcutVector: Int, vectors: Int, rows: Range<Int>,
    columns: Range<Int>
  ) {
    self.source = source
    self.planes = planes
    self.weights = weights
    self.bias = bias
    self.destination = destination
    self.destinationVector = destinationVector
    self.shortcut = shortcut
    self.shortcutVector = shortcutVector
    self.vectors = vectors
    self.rows = rows
    self.columns = columns
  }
}
