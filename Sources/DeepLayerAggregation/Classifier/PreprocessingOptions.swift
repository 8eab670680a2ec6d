import DLAData
import DLAModels

/// Preprocessing settings that a caller chooses.
///
/// A setting that is nil is taken from the weights file's description, and from
/// `Preset.timm` if the file has none.
///
/// ```swift
/// let classifier = try Classifier(weights: "run/best.safetensors", preprocessing: .init(crop: 288))
/// ```
public struct PreprocessingOptions: Sendable, Equatable {
  /// The reference implementation to reproduce in decoding, resizing and rounding.
  public var convention: ImageConvention?
  /// Whose decoding to reproduce; if nil, as ``convention`` if that is given.
  public var decoder: ImageConvention?
  /// True to apply EXIF orientation; if nil, as ``convention`` does if that is given.
  public var appliesOrientation: Bool?
  /// The interpolation of resizing; without a convention, as ``convention`` if that is given, else
  /// as the weights file.
  public var resampling: Resampling?
  /// The shorter side after resizing, in pixels.
  public var resizeShort: Int?
  /// The ratio of the crop to the shorter side, timm's `crop_pct`, which sets that side if
  /// ``resizeShort`` does not.
  public var cropFraction: Double?
  /// The side of the centre crop, in pixels; a multiple of 32.
  public var crop: Int?
  /// The mean of red, green and blue, on a scale of 0 to 1.
  public var mean: SIMD3<Float>?
  /// The standard deviation of red, green and blue, on a scale of 0 to 1.
  public var standardDeviation: SIMD3<Float>?

  /// Chooses settings.
  ///
  /// - Parameters:
  ///   - convention: the reference implementation to reproduce.
  ///   - decoder: whose decoding to reproduce.
  ///   - appliesOrientation: whether EXIF orientation is applied.
  ///   - resampling: the interpolation of resizing.
  ///   - resizeShort: the shorter side after resizing, in pixels.
  ///   - cropFraction: the ratio of the crop to the shorter side, above 0.
  ///   - crop: the side of the centre crop, in pixels; a multiple of 32.
  ///   - mean: the mean of red, green and blue, on a scale of 0 to 1.
  ///   - standardDeviation: the standard deviation of red, green and blue, on a scale of 0 to 1.
  public init(
    convention: ImageConvention? = nil, decoder: ImageConvention? = nil,
    appliesOrientation: Bool? = nil, resampling: Resampling? = nil, resizeShort: Int? = nil,
    cropFraction: Double? = nil,
    crop: Int? = nil, mean: SIMD3<Float>? = nil, standardDeviation: SIMD3<Float>? = nil
  ) {
    (self.convention, self.decoder) = (convention, decoder)
    self.appliesOrientation = appliesOrientation
    (self.resampling, self.resizeShort, self.cropFraction) = (resampling, resizeShort, cropFraction)
    (self.crop, self.mean, self.standardDeviation) = (crop, mean, standardDeviation)
  }

  /// Chooses all settings of a preset, so that none is taken from the weights file.
  ///
  /// - Parameter preset: the settings.
  public init(_ preset: Preset) {
    self.init(
      convention: preset.convention, decoder: preset.decoder,
      appliesOrientation: preset.appliesOrientation, resampling: preset.resampling,
      resizeShort: preset.resizeShort, crop: preset.crop, mean: preset.mean,
      standardDeviation: preset.standardDeviation)
  }

  /// True if no setting is left to the weights file.
  package var isComplete: Bool {
    convention != nil && resampling != nil && resizeShort != nil && crop != nil && mean != nil
      && standardDeviation != nil
  }

  /// These settings where given, those of `base` elsewhere.
  ///
  /// A crop that is larger than the resized image enlarges it, unless that size is given too.
  package func applied(to base: Preset) -> Preset {
    var preset = base
    if let convention {
      let reference = Preset.all.first { $0.convention == convention } ?? base
      preset.name = reference.name
      preset.convention = convention
      (preset.decoder, preset.appliesOrientation) = (
        reference.decoder, reference.appliesOrientation
      )
      preset.resampling.convention = nil
    }
    if let resampling {
      preset.resampling = Resampling(
        resampling.interpolation, convention: resampling.convention ?? preset.resampling.convention)
    }
    preset.decoder = decoder ?? preset.decoder
    preset.appliesOrientation = appliesOrientation ?? preset.appliesOrientation
    preset.crop = crop ?? preset.crop
    preset.resizeShort =
      resizeShort ?? cropFraction.map { Int(Double(preset.crop) / $0) }
      ?? (crop == nil ? preset.resizeShort : max(preset.resizeShort, preset.crop))
    preset.mean = mean ?? preset.mean
    preset.standardDeviation = standardDeviation ?? preset.standardDeviation
    return preset
  }
}

extension Preset {
  /// Checks that a network can take the images that the preset makes.
  package func check() throws(ClassifierError) {
    for (side, name) in [(resizeShort, "the resized shorter side"), (crop, "the crop")]
    where !(1...Preprocessor.maxSide).contains(side) {
      throw ClassifierError(
        .unsuitablePreset,
        "\(name) is \(side) pixels; 1 to \(Preprocessor.maxSide) is expected")
    }
    guard (0..<3).allSatisfy({ standardDeviation[$0] != 0 && standardDeviation[$0].isFinite }),
      (0..<3).allSatisfy({ mean[$0].isFinite })
    else {
      throw ClassifierError(
        .unsuitablePreset,
        "mean \(mean) and standard deviation \(standardDeviation) must be finite, the latter not 0")
    }
    guard crop % Variant.sideMultiple == 0 else {
      throw ClassifierError(
        .unsuitableCrop,
        "the crop is \(crop) pixels; a multiple of \(Variant.sideMultiple) is expected")
    }
    // PIL's convention pads what is smaller than the crop.
    guard crop <= resizeShort || convention == .pil else {
      throw ClassifierError(
        .unsuitableCrop,
        "the crop of \(crop) pixels is larger than the resized shorter side of \(resizeShort)")
    }
  }
}
