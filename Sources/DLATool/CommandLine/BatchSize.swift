/// How many images may pass a network together.
enum BatchSize {
  /// Pixels of all batches that run at the same time; as many and some more are decoded ahead, in all
  /// at most 2.4 GB of input.
  private static let maxPixels = 64 << 20

  /// Holds batches to what memory takes.
  ///
  /// - Throws: `UsageError` with what to lower.
  static func check(_ size: Int, streams: Int, crop: Int) throws(UsageError) {
    guard streams * size * crop * crop <= maxPixels else {
      throw UsageError(
        "\(streams == 1 ? "a batch" : "\(streams) batches") of \(size) images of \(crop)×\(crop) "
          + "pixels is more than \(maxPixels >> 20) million pixels; lower --batch-size"
          + (streams == 1 ? " or --crop" : ", --streams or --crop"))
    }
  }
}
