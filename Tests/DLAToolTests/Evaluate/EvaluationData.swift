import DLAData
import DLATensor
import DeepLayerAggregation
import Foundation
import _DLATestSupport

/// Eighteen images as every kind of dataset, with labels of which a third is what the built-in
/// classifier says first, a third what it says third, and a third what it says eighth.
struct EvaluationData {
  /// An image, its label and what the classifier says of it.
  struct Image {
    let name: String
    let bytes: [UInt8]
    let label: Int
    let predictions: [Prediction]

    /// The cross-entropy of the label, in nats.
    var loss: Double {
      -log(Double(predictions.first { $0.index == label }?.probability ?? 0))
    }
  }

  /// What a dataset can be.
  enum Kind: String, CaseIterable {
    case folders, list, table, shard, gzipShard, pattern
  }

  let folder: TemporaryFolder
  let classes: [String]
  let images: [Image]

  static let top1 = 6
  static let top5 = 12
  static let count = 18

  init() throws {
    folder = try TemporaryFolder()
    let classifier = try Classifier.builtIn(configuration: .init(threads: 1))
    classes = classifier.labels
    var random = KeyedRandom(key: "evaluation/images")
    images = try (0..<Self.count).map { number in
      let side = 20 + 4 * number
      let color = (0..<3).map { _ in UInt8.random(in: 0...180, using: &random) }
      let pixels = (0..<3 * side * side).map {
        color[$0 % 3] + UInt8.random(in: 0...75, using: &random)
      }
      let image = RGBImage(width: side, height: side, pixels: pixels)
      let predictions = try classifier.classifyAndWait(image, top: 10)
      return Image(
        name: "p\(number).png", bytes: try image.png(),
        label: predictions[[0, 2, 7][number % 3]].index, predictions: predictions)
    }
  }

  /// Writes the images and what names their labels.
  ///
  /// - Returns: what `--data` takes.
  func write(_ kind: Kind) throws -> String {
    switch kind {
    case .folders:
      for image in images {
        try folder.write(image.bytes, to: "folders/\(classes[image.label])/\(image.name)")
      }
      return folder.path("folders")
    case .list: return try list(images.map { "images/\($0.name) \($0.label)" })
    case .table:
      try writeImages()
      let rows = images.map { "\"images/\($0.name)\",\(classes[$0.label])\n" }
      return try folder.write("path,label\n" + rows.joined(), to: "table.csv")
    case .shard: return try folder.write(shard(images).archive, to: "all.tar")
    case .gzipShard: return try folder.write(gzip(shard(images).archive), to: "all.tar.gz")
    case .pattern:
      for part in 0..<3 {
        try folder.write(
          shard(Array(images[part * 6..<(part + 1) * 6])).archive, to: "s-00\(part).tar")
      }
      return folder.path("s-{000..002}.tar")
    }
  }

  /// Writes the images to `images` and a list beside it.
  ///
  /// - Returns: the list.
  func list(_ lines: [String]) throws -> String {
    try writeImages()
    return try folder.write(lines.map { $0 + "\n" }.joined(), to: "list.txt")
  }

  /// A shard of images and labels.
  func shard(_ images: [Image]) -> TarWriter {
    var tar = TarWriter()
    for image in images {
      tar.add(image.name, image.bytes)
      tar.add("\(image.name.dropLast(4)).cls", Array("\(image.label)\n".utf8))
    }
    return tar
  }

  private func writeImages() throws {
    for image in images { try folder.write(image.bytes, to: "images/\(image.name)") }
  }

  /// The outcomes of a file that `--predictions` wrote.
  func outcomes(_ path: String) throws -> [Outcome] {
    let bytes = try Array(Data(contentsOf: URL(filePath: path)))
    let table = OutcomeTable(classes: ClassNames(count: classes.count, names: classes))
    var outcomes: [Outcome] = []
    let end = bytes.withUnsafeBytes { bytes in
      var reader = table.reader(bytes)
      while let outcome = reader.next() { outcomes.append(outcome) }
      return reader.wholeBytes
    }
    guard end == bytes.count else { throw CocoaError(.fileReadCorruptFile) }
    return outcomes
  }
}
