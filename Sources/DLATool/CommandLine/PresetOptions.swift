import DeepLayerAggregation

/// How images become the network's input.
enum PresetOptions {
  static let options = [
    Option(
      "--preset", "timm|paddle",
      "timm: PIL's resize, EXIF ignored; paddle: OpenCV's, EXIF applied. Default: timm."),
    Option("--resize-short", "PIXELS", "Length of the shorter side after resizing."),
    Option(
      "--crop", "PIXELS", "Side of the square cut from the centre; for a network a multiple of 32."),
    Option("--mean", "R,G,B", "Means to subtract, of values from 0 to 1. Default: ImageNet's."),
    Option("--std", "R,G,B", "Deviations to divide by. Default: ImageNet's."),
  ]

  /// What the options say, and `fallback` where none says otherwise.
  static func preset(_ arguments: Arguments, fallback: Preset = .timm) throws -> Preset {
    var preset = fallback
    if let name = try arguments.choice("--preset", of: Preset.all.map(\.name)),
      var named = Preset.named(name)
    {
      named.resizeShort = preset.resizeShort
      named.crop = preset.crop
      preset = named
    }
    let crop = try arguments.integer("--crop", in: 1...Preprocessor.maxSide)
    preset.crop = crop ?? preset.crop
    preset.resizeShort =
      try arguments.integer("--resize-short", in: 1...Preprocessor.maxSide)
      ?? max(preset.resizeShort, preset.crop)
    if let mean = try arguments.numbers("--mean", count: 3) {
      preset.mean = SIMD3(mean.map { Float($0) })
    }
    if let deviation = try arguments.numbers("--std", count: 3) {
      guard deviation.allSatisfy({ $0 > 0 }) else {
        throw UsageError("--std holds a number that is not above 0")
      }
      preset.standardDeviation = SIMD3(deviation.map { Float($0) })
    }
    return preset
  }

  /// The preset for a network: it takes crops whose sides are multiples of 32, cut from the image.
  static func networkPreset(_ arguments: Arguments, fallback: Preset) throws -> Preset {
    let preset = try preset(arguments, fallback: fallback)
    guard preset.crop % Variant.sideMultiple == 0 else {
      throw UsageError(
        "--crop is \(preset.crop) pixels; a multiple of \(Variant.sideMultiple) is expected")
    }
    guard preset.crop <= preset.resizeShort else {
      throw UsageError(
        "the crop of \(preset.crop) pixels is larger than the resized short side of "
          + "\(preset.resizeShort); raise --resize-short or lower --crop")
    }
    return preset
  }
}
