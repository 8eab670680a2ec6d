/// Where a crop lies in the resized image, of which only that part is computed.
struct Window {
  /// The size of the whole resized image.
  let resized: (width: Int, height: Int)
  /// The columns and rows of the resized image that are wanted, never empty.
  let columns: Range<Int>
  let rows: Range<Int>
}

extension RGBImage {
  /// The window of an image that keeps its size.
  func cropped(_ window: Window) -> RGBImage {
    let count = window.columns.count * 3
    return RGBImage(width: window.columns.count, height: window.rows.count) { target in
      pixels.withUnsafeBufferPointer { pixels in
        guard let base = pixels.baseAddress else { return }
        for (index, row) in window.rows.enumerated() {
          let source = base + (row * width + window.columns.lowerBound) * 3
          (target + index * count).update(from: source, count: count)
        }
      }
    }
  }
}

extension Preset {
  /// The size of the whole image after resizing.
  ///
  /// PIL convention, from torchvision's `Resize`: the long side is truncated. OpenCV convention,
  /// from PaddleClas's `ResizeImage`: both sides are rounded, halves to even.
  func resizedSize(width: Int, height: Int) -> (width: Int, height: Int) {
    let short = min(width, height)
    switch convention {
    case .pil:
      let long = Int(Double(resizeShort * max(width, height)) / Double(short))
      return width <= height ? (resizeShort, long) : (long, resizeShort)
    case .opencv:
      let scale = Double(resizeShort) / Double(short)
      return (
        Int((Double(width) * scale).rounded(.toNearestOrEven)),
        Int((Double(height) * scale).rounded(.toNearestOrEven))
      )
    }
  }

  /// Where the crop starts on a side of `length` pixels, at least the crop's own.
  ///
  /// torchvision's `CenterCrop` rounds, halves to even; PaddleClas's `CropImage` truncates.
  func cropStart(length: Int) -> Int {
    switch convention {
    case .pil: Int((Double(length - crop) / 2).rounded(.toNearestOrEven))
    case .opencv: (length - crop) / 2
    }
  }
}
