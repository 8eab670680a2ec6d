/// The preprocessing of images: decoding, resizing, cropping, normalisation.
///
/// Start from ``timm`` or ``paddle`` and change what differs.
public struct Preset: Sendable, Equatable {
  /// The name, for messages and options.
  public var name: String
  /// Whose decoding, resizing and rounding to reproduce.
  public var convention: ImageConvention
  /// Whose decoding to reproduce; PaddleClas can decode with PIL and do the rest with OpenCV.
  public var decoder: ImageConvention
  /// True if EXIF orientation is applied.
  public var appliesOrientation: Bool
  /// The interpolation of resizing.
  public var resampling: Resampling
  /// The shorter side after resizing, in pixels.
  public var resizeShort: Int
  /// The side of the centre crop, in pixels.
  public var crop: Int
  /// The mean of red, green and blue that is subtracted, on a scale of 0 to 1.
  public var mean: SIMD3<Float>
  /// The standard deviation that red, green and blue are then divided by.
  public var standardDeviation: SIMD3<Float>

  /// Makes a preset; the defaults are ImageNet's.
  ///
  /// - Parameters:
  ///   - name: the name, for messages and options.
  ///   - convention: whose decoding, resizing and rounding to reproduce.
  ///   - decoder: whose decoding to reproduce; nil to follow the convention.
  ///   - appliesOrientation: whether EXIF orientation is applied; nil to follow the decoder.
  ///   - resampling: the interpolation of resizing.
  ///   - resizeShort: the shorter side after resizing, in pixels.
  ///   - crop: the side of the centre crop, in pixels.
  ///   - mean: subtracted, on a scale of 0 to 1.
  ///   - standardDeviation: the divisor after that.
  public init(
    name: String, convention: ImageConvention, decoder: ImageConvention? = nil,
    appliesOrientation: Bool? = nil, resampling: Resampling = Resampling(.bilinear),
    resizeShort: Int = 256, crop: Int = 224,
    mean: SIMD3<Float> = [0.485, 0.456, 0.406],
    standardDeviation: SIMD3<Float> = [0.229, 0.224, 0.225]
  ) {
    (self.name, self.convention) = (name, convention)
    self.decoder = decoder ?? convention
    self.appliesOrientation = appliesOrientation ?? (self.decoder == .opencv)
    (self.resampling, self.resizeShort, self.crop) = (resampling, resizeShort, crop)
    self.mean = mean
    self.standardDeviation = standardDeviation
  }

  /// As timm evaluates its DLA models: PIL, torchvision `Resize(256)` and `CenterCrop(224)`.
  public static let timm = Preset(name: "timm", convention: .pil)

  /// As PaddleClas evaluates its DLA models: OpenCV, `resize_short` 256 and a crop of 224.
  public static let paddle = Preset(name: "paddle", convention: .opencv)

  /// The presets that ``named(_:)`` knows.
  public static let all = [timm, paddle]

  /// Finds a preset by name.
  ///
  /// - Parameter name: `timm` or `paddle`, any case.
  /// - Returns: the preset; nil for other names.
  public static func named(_ name: String) -> Preset? {
    let name = name.lowercased()
    return all.first { $0.name == name }
  }
}

/// Whose reading of files and arithmetic of resizing to reproduce.
///
/// The two agree on ordinary JPEG, PNG and WebP pixels. They differ in CMYK conversion, in EXIF
/// orientation and in how they resize; accuracy figures were measured with one or the other.
public enum ImageConvention: String, Sendable, CaseIterable {
  /// As PIL: EXIF orientation ignored; antialiased resizing. timm measures with it.
  case pil
  /// As OpenCV: EXIF orientation applied; resizing without antialiasing. PaddleClas measures with it.
  case opencv
}
