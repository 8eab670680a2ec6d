import DeepLayerAggregation

extension Preprocessor {
  /// Reads and decodes a photograph from a file, or from standard input where the path is `-`.
  func photograph(_ path: String) throws(ImageError) -> Image {
    guard path == "-" else { return try image(path: path) }
    return try image(decoding: ImageFile.standardInput(), name: "standard input")
  }
}
