/// The geometry of a grouped 3×3 convolution with 2, 4 or 8 channels a group.
///
/// Distances are in floats.
package struct GroupedConvolution: Sendable {
  /// Channels of a group.
  package var groupWidth: Int
  /// Source rows per output row: 1 or 2.
  package var stride: Int
  package var sourceRow: Int
  package var destinationRow: Int
  package var relu: Bool

  package init(groupWidth: Int, stride: Int, sourceRow: Int, destinationRow: Int, relu: Bool) {
    self.groupWidth = groupWidth
    self.stride = stride
    self.sourceRow = sourceRow
    self.destinationRow = destinationRow
    self.relu = relu
  }
}

/// One call of a grouped convolution: some rows of one vector of channels.
package struct GroupedConvolutionCall {
  /// The vector of channels at the first kernel element of output pixel (0, 0).
  package var source: UnsafePointer<Float>
  /// Packed in the order they are read: [kernel row][kernel element][mask][lane]; lane l is the weight from input l
  /// to output l ^ mask.
  package var weights: UnsafePointer<Float>
  package var bias: UnsafePointer<Float>
  package var destination: UnsafeMutablePointer<Float>
  package var rows: Range<Int>
  package var width: Int

  package init(
    source: UnsafePointer<Float>, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>,
    destination: UnsafeMutablePointer<Float>, rows: Range<Int>, width: Int
  ) {
    self.source = source
    self.weights = weights
    self.bias = bias
    self.destination = destination
    self.rows = rows
    self.width = width
  }
}
