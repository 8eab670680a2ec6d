/// The geometry of a convolution whose kernel elements are read where they lie.
///
/// Distances are in floats.
/// In a row of the kernel the kernel elements of one output pixel are consecutive floats: `side`×16 channels of
/// a channel block, or `side` pixels of a NCHW image. A kernel element is one float of the source times a vector of
/// output channels.
package struct DirectConvolution: Sendable {
  /// How far apart neighbouring output pixels lie, and their source pixels.
  package enum PixelStep: Sendable {
    /// One float: NCHW images.
    case nchw
    /// Sixteen floats: channel blocks, stride 1.
    case channelBlock
    /// Thirty-two floats: channel blocks, stride 2.
    case blockedStride2
    /// Sixteen floats, and thirty-two between output pixels: gradients behind a stride.
    case blockedToStride2
  }

  package var pixelStep: PixelStep
  /// Source channel blocks that one output pixel reads.
  package var sourceChannelBlocks: Int
  /// Rows of the kernel.
  package var kernelRows: Int
  /// Kernel elements in a row of the kernel.
  package var kernelElements: Int
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
    pixelStep: PixelStep, sourceChannelBlocks: Int, kernelRows: Int, kernelElements: Int,
    stride: Int,
    sourceRow: Int, destinationRow: Int, shortcutRow: Int, relu: Bool
  ) {
    self.pixelStep = pixelStep
    self.sourceChannelBlocks = sourceChannelBlocks
    self.kernelRows = kernelRows
    self.kernelElements = kernelElements
    self.stride = stride
    self.sourceRow = sourceRow
    self.destinationRow = destinationRow
    self.shortcutRow = shortcutRow
    self.relu = relu
  }
}

/// One call of a convolution: a rectangle of output pixels of one group of output channels.
package struct ConvolutionCall {
  /// What `channelBlocks` counts from: the first kernel element of output pixel (0, 0) of channel block 0 lies at
  /// `source + channel blocks[0]`.
  package var source: UnsafePointer<Float>
  package var channelBlocks: UnsafePointer<Int>
  /// Packed in the order they are read: [channel block][kernel row][kernel element][channel of the group].
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
    source: UnsafePointer<Float>, channelBlocks: UnsafePointer<Int>, weights: UnsafePointer<Float>,
    bias: UnsafePointer<Float>, destination: UnsafeMutablePointer<Float>, destinationVector: Int,
    shortcut: UnsafePointer<Float>?, shortcutVector: Int, vectors: Int, rows: Range<Int>,
    columns: Range<Int>
  ) {
    self.source = source
    self.channelBlocks = channelBlocks
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
