import DeepLayerAggregation

enum PresetOptions {
  static let options = [
    Option(
      "--preset", "timm|paddle",
      "Preprocessing convention. timm: PIL resize, EXIF orientation ignored; paddle: OpenCV resize, "
        + "EXIF orientation applied. Default: that of the weights, else timm."),
    Option(
      "--interpolation", Resampling.Interpolation.allCases.map(\.rawValue).joined(separator: "|"),
      "Interpolation of resizing; area averages the covered pixels. Default: that of the weights, else "
        + "bilinear."),
    Option(
      "--resize-short", "PIXELS",
      "Length of the shorter side after resizing. Default: that of the weights, else 256."),
    Option(
      "--crop-fraction", "X",
      "Set the shorter side to the crop divided by this, rounded down, as timm's crop_pct."),
    Option(
      "--crop", "PIXELS",
      "Side of the square center crop, a multiple of 32 for networks. Default: that of the weights, "
        + "else 224."),
    Option(
      "--mean", "R,G,B",
      "Mean to subtract from values of 0 to 1. Default: that of the weights, else ImageNet's."),
    Option(
      "--std", "R,G,B",
      "Standard deviation to divide by. Default: that of the weights, else ImageNet's."),
  ]

  static func options(_ arguments: Arguments) throws -> PreprocessingOptions {
    var options = PreprocessingOptions()
    options.convention = try arguments.choice("--preset", of: Preset.all.map(\.name))
      .flatMap(Preset.named)?.convention
    options.crop = try arguments.integer("--crop", in: 1...Preprocessor.maxSide)
    options.resizeShort = try arguments.integer("--resize-short", in: 1...Preprocessor.maxSide)
    options.cropFraction = try arguments.number("--crop-fraction", in: 0.05...1)
    guard options.cropFraction == nil || options.resizeShort == nil else {
      throw UsageError("--crop-fraction and --resize-short exclude each other")
    }
    options.resampling = try arguments.choice(
      "--interpolation", of: Resampling.Interpolation.allCases.map(\.rawValue)
    ).flatMap(Resampling.Interpolation.init(rawValue:)).map { Resampling($0) }
    options.mean = try arguments.numbers("--mean", count: 3).map { SIMD3($0.map { Float($0) }) }
    if let deviation = try arguments.numbers("--std", count: 3) {
      guard deviation.allSatisfy({ $0 > 0 }) else {
        throw UsageError("--std contains a number that is not above 0")
      }
      options.standardDeviation = SIMD3(deviation.map { Float($0) })
    }
    return options
  }

  /// The same for a network, which takes crops whose sides are multiples of 32.
  static func networkOptions(_ arguments: Arguments) throws -> PreprocessingOptions {
    let options = try options(arguments)
    if let crop = options.crop, crop % Variant.sideMultiple != 0 {
      throw UsageError(
        "--crop is \(crop) pixels; a multiple of \(Variant.sideMultiple) is expected")
    }
    if let crop = options.crop, let resizeShort = options.resizeShort, crop > resizeShort {
      throw UsageError(
        "the crop of \(crop) pixels is larger than the resized short side of \(resizeShort); raise "
          + "--resize-short or lower --crop")
    }
    return options
  }
}
