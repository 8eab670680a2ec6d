import DeepLayerAggregation

/// The side of square images where no images are read.
enum ImageSizeOption {
  static let option = Option(
    "--image-size", "PIXELS",
    "Side of the images; a multiple of \(Variant.sideMultiple). Default: 224.")

  static func side(_ arguments: Arguments) throws -> Int {
    let side = try arguments.integer("--image-size", in: Variant.sideMultiple...4096) ?? 224
    guard side % Variant.sideMultiple == 0 else {
      throw UsageError("--image-size is \(side); a multiple of \(Variant.sideMultiple) is expected")
    }
    return side
  }
}
