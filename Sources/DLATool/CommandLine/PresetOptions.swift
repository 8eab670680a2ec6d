import DeepLayerAggregation

/// How photographs become the network's input.
enum PresetOptions {
  static let options = [
    Option(
      "--preset", "timm|paddle",
      "timm: PIL's resize, EXIF ignored; paddle: OpenCV's, EXIF applied. Default: timm."),
    Option("--resize-short", "PIXELS", "Length of the shorter side after resizing."),
    Option("--crop", "PIXELS", "Side of the square cut from the centre; a multiple of 32."),
    Option("--mean", "R,G,B", "Means to subtract, of values from 0 to 1. Default: ImageNet's."),
    Option("--std", "R,G,B", "Deviations to divide by. Default: ImageNet's."),
  ]

  /// What the options say, and `fallback` where none says otherwise.
  static func preset(_ arguments: Arguments, fallback: Preset = .timm) throws -> Preset {
    var preset = fallback
    if let name = try arguments.choice("--preset", of: ["timm", "paddle"]),
      var named = Preset.named(name)
    {
      named.resizeShort = preset.resizeShort
      named.crop = preset.crop
      preset = named
    }
    let resize = try arguments.integer("--resize-short", in: 1...16384)
    let crop = try arguments.integer("--crop", in: 32...16384)
    preset.resizeShort = resize ?? max(preset.resizeShort, crop ?? 0)
    preset.crop = crop ?? min(preset.crop, preset.resizeShort / 32 * 32)
    guard preset.crop > 0, preset.crop % 32 == 0 else {
      throw UsageError("the crop is \(preset.crop) pixels; a multiple of 32 is expected")
    }
    guard preset.crop <= preset.resizeShort else {
      throw UsageError(
        "--crop \(preset.crop) is larger than the resized short side of \(preset.resizeShort) pixels; "
          + "raise --resize-short")
    }
    if let mean = try arguments.numbers("--mean", count: 3) {
      preset.mean = SIMD3(mean[0], mean[1], mean[2])
    }
    if let deviation = try arguments.numbers("--std", count: 3) {
      guard deviation.allSatisfy({ $0 > 0 }) else {
        throw UsageError("--std holds a number that is not above 0")
      }
      preset.standardDeviation = SIMD3(deviation[0], deviation[1], deviation[2])
    }
    return preset
  }
}
