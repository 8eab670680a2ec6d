/// A crop of the resized image; only that part is computed.
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

  /// The start of the crop on a side of `length` pixels, at least the crop's own.
  ///
  /// torchvision's `CenterCrop` rounds, halves to even; PaddleClas's `CropImage` truncates.
  func cropStart(length: Int) -> Int {
    switch convention {
    case .pil: Int((Double(length - crop) / 2).rounded(.toNearestOrEven))
    case .opencv: (length - crop) / 2
    }
  }
}

/// A part of an image, in its pixels.
public struct ImageRegion: Sendable, Equatable {
  /// The left edge.
  public let x: Double
  /// The upper edge.
  public let y: Double
  /// The number of columns.
  public let width: Double
  /// The number of rows.
  public let height: Double

  /// Describes a part of an image.
  public init(x: Double, y: Double, width: Double, height: Double) {
    (self.x, self.y, self.width, self.height) = (x, y, width, height)
  }
}

extension Preprocessor {
  /// The part of an image that becomes the crop.
  ///
  /// - Parameters:
  ///   - width: columns of the whole image.
  ///   - height: rows of the whole image.
  /// - Returns: where the crop lies in it; beyond its edges where the crop is padded.
  public func cropRegion(width: Int, height: Int) -> ImageRegion {
    let size = preset.resizedSize(width: width, height: height)
    let across = Double(width) / Double(size.width)
    let down = Double(height) / Double(size.height)
    let left = Double(preset.cropStart(length: size.width))
    let top = Double(preset.cropStart(length: size.height))
    return ImageRegion(
      x: left * across, y: top * down, width: Double(preset.crop) * across,
      height: Double(preset.crop) * down)
  }
}
