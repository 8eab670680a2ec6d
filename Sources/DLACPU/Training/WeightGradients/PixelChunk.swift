import CDLAKernels

/// Pixels of some images: whole rows, or, where nothing is between images, of all of them in one
/// row.
struct PixelChunk {
  let images: Range<Int>
  let rows: Range<Int>
  let columns: Range<Int>
}

/// The pixels of a chunk that a kernel element reads, as offsets from the start of a channel block.
struct WeightGradientWindow {
  let input: Int
  let gradient: Int
  let rows: Int
  let width: Int
  let images: Int

  var isEmpty: Bool { rows == 0 || width == 0 }
}

extension WeightGradientProblem {
  /// Divides all pixels into chunks of about `pixels` inputs for each kernel element.
  func chunks(of pixels: Int) -> [PixelChunk] {
    let images = input.geometry.images
    let pixels = max(1, pixels / convolution.stride)
    if isFlat {
      let all = images * size.area
      let count = (all + pixels - 1) / pixels
      return (0..<count).map {
        PixelChunk(images: 0..<1, rows: 0..<1, columns: all * $0 / count..<all * ($0 + 1) / count)
      }
    }
    let together = max(1, pixels / size.area)
    let rows = max(1, min(size.height, pixels / size.width))
    return stride(from: 0, to: images, by: together).flatMap { image in
      stride(from: 0, to: size.height, by: rows).map {
        PixelChunk(
          images: image..<min(image + together, images), rows: $0..<min($0 + rows, size.height),
          columns: 0..<size.width)
      }
    }
  }

  /// True if pixels are read one to one and all of them lie in one row.
  private var isFlat: Bool {
    convolution.kernelSize == 1 && convolution.stride == 1 && !isNCHW && input.geometry.border == 0
      && gradient.geometry.border == 0
  }

  /// The pixels of a chunk that a kernel element reads: only those inside the input.
  ///
  /// A row of kernel elements that are passed together meets what its first kernel element does,
  /// and zeros around the images.
  func window(
    _ chunk: PixelChunk, tapRow: Int, elementColumn: Int, isRow: Bool
  ) -> WeightGradientWindow {
    let side = convolution.kernelSize
    // The one kernel element of a flat feature map lies inside everywhere.
    let rows = side == 1 ? chunk.rows : chunk.rows.clamped(to: pixels(ofRow: tapRow))
    let columns =
      side == 1 || isRow
      ? chunk.columns : chunk.columns.clamped(to: pixels(ofColumn: elementColumn))
    let image = chunk.images.lowerBound
    let row = rows.lowerBound * convolution.stride + tapRow - convolution.padding
    let column = columns.lowerBound * convolution.stride + elementColumn - convolution.padding
    let (from, by) = (input.geometry, gradient.geometry)
    return WeightGradientWindow(
      input: image * from.image + from.origin + row * from.row + column * from.pixel,
      gradient: image * by.image + by.origin + rows.lowerBound * by.row
        + columns.lowerBound * by.pixel, rows: rows.count, width: columns.count,
      images: chunk.images.count)
  }

  /// The pixels of a window that is not empty, in channel blocks that start at `input` and
  /// `gradient`.
  func pixels(
    _ window: WeightGradientWindow, input: UnsafePointer<Float>, gradient: UnsafePointer<Float>
  ) -> WeightGradientPixels {
    let (from, by) = (self.input.geometry, self.gradient.geometry)
    return WeightGradientPixels(
      input: SourceRows(
        base: input + window.input, row: from.row * convolution.stride,
        pixel: from.pixel * convolution.stride),
      gradient: SourceRows(base: gradient + window.gradient, row: by.row, pixel: by.pixel),
      rows: window.rows, width: window.width, images: window.images, inputImage: from.image,
      gradientImage: by.image)
  }
}
