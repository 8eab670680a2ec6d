/// The resizing of images: an interpolation, and whose arithmetic of it to reproduce.
public struct Resampling: Sendable, Equatable {
  /// The pixels of an image that a pixel of the resized one is made of.
  public enum Interpolation: String, Sendable, CaseIterable {
    /// PIL's `BILINEAR`, OpenCV's `INTER_LINEAR`.
    case bilinear
    /// PIL's `BICUBIC`, OpenCV's `INTER_CUBIC`.
    case bicubic
    /// The mean of the covered area: PIL's `BOX`, OpenCV's `INTER_AREA`.
    case area
  }

  /// The pixels that count.
  public var interpolation: Interpolation
  /// Whose arithmetic to reproduce; nil for that of the preset.
  public var convention: ImageConvention?

  /// Describes how images are resized.
  ///
  /// - Parameters:
  ///   - interpolation: the pixels that count.
  ///   - convention: whose arithmetic to reproduce; nil for that of the preset.
  public init(_ interpolation: Interpolation, convention: ImageConvention? = nil) {
    (self.interpolation, self.convention) = (interpolation, convention)
  }
}

extension Resampling: CustomStringConvertible {
  /// The interpolation, and the convention where it is not that of the preset: `bicubic of pil`.
  public var description: String {
    interpolation.rawValue + (convention.map { " of \($0.rawValue)" } ?? "")
  }
}

extension Preprocessor {
  /// The window of the resized image; `resampling` replaces that of the preset.
  func resized(_ image: RGBImage, _ window: Window, _ resampling: Resampling? = nil) -> RGBImage {
    guard window.resized != (image.width, image.height) else { return image.cropped(window) }
    let resampling = resampling ?? preset.resampling
    switch (resampling.convention ?? preset.convention, resampling.interpolation) {
    case (.pil, let interpolation): return resizePillow(image, window, interpolation)
    case (.opencv, .bilinear): return resizeLinear(image, window)
    case (.opencv, .bicubic): return resizeCubic(image, window)
    case (.opencv, .area): return resizeArea(image, window)
    }
  }
}
