import DeepLayerAggregation

/// The size of square images where no images are read.
enum ImageSizeOption {
  static let option = Option(
    "--image-size", "PIXELS",
    "Height and width of the images, a multiple of \(Variant.sideMultiple). Default: 224.")

  static func side(_ arguments: Arguments) throws -> Int {
    let side = try arguments.integer("--image-size", in: Variant.sideMultiple...4096) ?? 224
    guard side % Variant.sideMultiple == 0 else {
      throw UsageError("--image-size is \(side); a multiple of \(Variant.sideMultiple) is expected")
    }
    return side
  }
}

/// The bound on the batches that are in memory at the same time.
enum BatchSize {
  /// Pixels of all concurrent batches: with the images decoded ahead, at most 2.4 GB of input.
  private static let maxPixels = 64 << 20

  /// - Throws: `UsageError` with the options to lower.
  static func check(_ size: Int, streams: Int, crop: Int) throws(UsageError) {
    guard streams * size * crop * crop <= maxPixels else {
      throw UsageError(
        "\(streams == 1 ? "a batch" : "\(streams) batches") of \(size) images of \(crop)×\(crop) "
          + "pixels exceeds the limit of \(maxPixels >> 20) million pixels; lower --batch-size"
          + (streams == 1 ? " or --crop" : ", --streams or --crop"))
    }
  }
}
