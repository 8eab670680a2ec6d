import DLAData
import DLATensor
import DeepLayerAggregation
import Foundation
import _DLATestSupport

/// Eighteen images as datasets of every format.
///
/// The label of a third of them is the built-in classifier's first prediction, of a third the third,
/// and of a third the eighth.
struct EvaluationData {
  /// An image, its label and its predictions.
  struct Sample {
    let name: String
    let bytes: [UInt8]
    let label: Int
    let predictions: [Prediction]

    /// The cross-entropy of the label, in nats.
    var loss: Double { -log(Double(predictions.first { $0.index == label }?.probability ?? 0)) }
  }

  /// A dataset format.
  enum Kind: String, CaseIterable {
    case folders, list, table, shard, gzipShard, pattern
  }

  let folder: TemporaryFolder
  let classes: [String]
  let samples: [Sample]

  static let top1 = 6
  static let top5 = 12
  static let count = 18

  /// Classified once for all tests.
  private static let made = Result { try makeSamples() }

  init() throws {
    folder = try TemporaryFolder()
    (classes, samples) = try Self.made.get()
  }

  private static func makeSamples() throws -> ([String], [Sample]) {
    let classifier = try Classifier.builtIn(configuration: .init(threads: 1))
    var random = KeyedRandom(key: "evaluation/images")
    let samples = try (0..<count).map { number in
      let side = 20 + 4 * number
      let color = (0..<3).map { _ in UInt8.random(in: 0...180, using: &random) }
      let pixels = (0..<3 * side * side).map {
        color[$0 % 3] + UInt8.random(in: 0...75, using: &random)
      }
      let image = RGBImage(width: side, height: side, pixels: pixels)
      let predictions = try classifier.classifyAndWait(image, top: 10)
      return Sample(
        name: "p\(number).png", bytes: try image.png(),
        label: predictions[[0, 2, 7][number % 3]].index, predictions: predictions)
    }
    return (classifier.labels, samples)
  }

  /// Writes the images with their labels.
  ///
  /// - Returns: the value of `--data`.
  func write(_ kind: Kind) throws -> String {
    switch kind {
    case .folders:
      for sample in samples {
        try folder.write(sample.bytes, to: "folders/\(classes[sample.label])/\(sample.name)")
      }
      return folder.path("folders")
    case .list: return try list(samples.map { "images/\($0.name) \($0.label)" })
    case .table:
      try writeImages()
      let rows = samples.map { "\"images/\($0.name)\",\(classes[$0.label])\n" }
      return try folder.write("path,label\n" + rows.joined(), to: "table.csv")
    case .shard: return try folder.write(shard(samples).archive, to: "all.tar")
    case .gzipShard: return try folder.write(gzip(shard(samples).archive), to: "all.tar.gz")
    case .pattern:
      for part in 0..<3 {
        try folder.write(
          shard(Array(samples[part * 6..<(part + 1) * 6])).archive, to: "s-00\(part).tar")
      }
      return folder.path("s-{000..002}.tar")
    }
  }

  /// Writes the images to `images` and a list beside the folder.
  func list(_ lines: [String]) throws -> String {
    try writeImages()
    return try folder.write(lines.map { $0 + "\n" }.joined(), to: "list.txt")
  }

  /// A shard of images and labels.
  func shard(_ samples: [Sample]) -> TarWriter {
    var tar = TarWriter()
    for sample in samples {
      tar.add(sample.name, sample.bytes)
      tar.add("\(sample.name.dropLast(4)).cls", Array("\(sample.label)\n".utf8))
    }
    return tar
  }

  private func writeImages() throws {
    for sample in samples { try folder.write(sample.bytes, to: "images/\(sample.name)") }
  }

  /// The outcomes in a file of `--predictions`.
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
