import DLAData
import DeepLayerAggregation

extension Preprocessor {
  /// Reads and decodes an image from a file, or from standard input where the path is `-`.
  func photograph(_ path: String) throws(ImageError) -> RGBImage {
    guard path == "-" else { return try image(path: path) }
    return try image(decoding: ImageFile.standardInput(), name: "standard input")
  }
}
