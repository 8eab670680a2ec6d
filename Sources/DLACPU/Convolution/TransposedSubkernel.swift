import DLATensor

/// The pixels of one parity of rows and columns in the gradient of a 3×3 convolution's input,
/// behind a stride of two.
///
/// Input row 2y meets the middle row of the kernel alone, at output row y; row 2y + 1 meets the
/// last one at y and the first one at y + 1, and columns do the same. So the gradient is four
/// convolutions with kernels of one to four kernel elements, each of which gives a quarter of the
/// pixels.
struct TransposedSubkernel {
  /// 0 or 1.
  let row: Int
  let column: Int

  static let all = [0, 1].flatMap { row in [0, 1].map { TransposedSubkernel(row: row, column: $0) }
  }

  /// Rows of the kernel, and kernel elements of a row.
  var kernelSize: SpatialSize { SpatialSize(height: 1 + row, width: 1 + column) }
}

extension StridedWeights {
  /// The kernel elements of a phase, of the transposed convolution's: the middle one, or the outer
  /// two.
  func kernelElements(of phase: TransposedSubkernel) -> StridedWeights {
    window(
      row: 1 - phase.row, column: 1 - phase.column, size: phase.kernelSize, step: 2,
      of: convolution)
  }
}

extension TensorView {
  /// The pixels of a phase, a quarter of the view.
  ///
  /// - Precondition: height and width are even, and the feature map has no border.
  func pixels(of phase: TransposedSubkernel) -> TensorView {
    let size = geometry.size
    precondition(
      size.height % 2 == 0 && size.width % 2 == 0 && geometry.border == 0,
      "\(size) with a border of \(geometry.border) has no phases")
    let offset = phase.row * geometry.row + phase.column * geometry.pixel
    return TensorView(
      channelBlocks: channelBlocks.map {
        ChannelBlock(offset: $0.offset + offset, channels: $0.channels)
      },
      geometry: FeatureMapGeometry(
        images: geometry.images, size: SpatialSize(height: size.height / 2, width: size.width / 2),
        border: 0, pixel: geometry.pixel, spacing: 2))
  }
}
