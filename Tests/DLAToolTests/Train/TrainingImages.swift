import DLATensor
import DeepLayerAggregation
import Foundation
import _DLATestSupport

/// Small images of three separable classes, in class folders.
struct TrainingImages {
  let folder: TemporaryFolder

  static let classes = ["blue, striped", "green", "red"]
  static let perClass = (train: 16, val: 8)

  /// Writes `data/train` and `data/val`.
  init() throws {
    folder = try TemporaryFolder()
    for (name, count) in [("train", Self.perClass.train), ("val", Self.perClass.val)] {
      for label in Self.classes.indices {
        for number in 0..<count {
          try folder.write(
            Self.image(label, key: "\(name)/\(label)/\(number)").png(),
            to: "data/\(name)/\(Self.classes[label])/\(number).png")
        }
      }
    }
  }

  var data: String { folder.path("data") }
  var train: String { folder.path("data/train") }

  /// An image of 32×32: noise, brighter in the colour of its class.
  static func image(_ label: Int, key: String) -> RGBImage {
    var random = KeyedRandom(key: "training images/\(key)")
    let side = 32
    let pixels = (0..<side * side * 3).map { index in
      let isLit = (2 - label) == index % 3 && (label > 0 || index / 3 / side % 8 < 4)
      return UInt8.random(in: isLit ? 120...255 : 0...120, using: &random)
    }
    return RGBImage(width: side, height: side, pixels: pixels)
  }

  /// The arguments that train a small network on them in about a second.
  func options(_ run: String, epochs: Int = 4) -> [String] {
    [
      "train", "--data", data, "--output", folder.path(run), "--model", "dla46_c", "--crop", "32",
      "--resize-short", "32", "--random-crop", "padded", "--epochs", "\(epochs)", "--batch-size",
      "8", "--lr", "0.02", "--threads", "2", "--log-every", "1",
    ]
  }

  func bytes(_ path: String) throws -> Data {
    try Data(contentsOf: URL(filePath: folder.path(path)))
  }
}
