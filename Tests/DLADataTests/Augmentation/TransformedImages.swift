import DLACheckpoints
import DLAData
import DLATensor
import Foundation
import Testing
import _DLATestSupport

/// An image that `make_augmentations.py` had a reference change, and the result.
struct TransformedImage: Sendable, CustomTestStringConvertible {
  /// The image's name, then what was done: `noise/jitter/hue/0.3`.
  let name: String
  let expected: [UInt8]

  var parts: [String] { name.split(separator: "/").map(String.init) }
  var testDescription: String { name }

  /// All whose second part is `kind`.
  static func all(_ kind: String) throws -> [TransformedImage] {
    try ["changed", "policies"].flatMap { name in
      let file = try CheckpointFile(
        path: Fixtures.folder.appending(path: "augmentations/\(name).safetensors").path)
      return try file.entries.map { entry in
        TransformedImage(
          name: entry.name, expected: try file.withBytes(named: entry.name) { Array($0) })
      }
    }.filter { $0.parts[1] == kind }
  }

  /// Compares with an image byte for byte.
  func expect(_ image: RGBImage) throws {
    try #require(image.pixels.count == expected.count)
    let differences = zip(image.pixels, expected).filter { $0 != $1 }
    let largest = differences.map { abs(Int($0) - Int($1)) }.max() ?? 0
    #expect(
      differences.isEmpty, "\(name): \(differences.count) bytes differ, by at most \(largest)")
  }
}

/// The statistics of what a reference draws.
struct Drawn: Decodable, Sendable, CustomTestStringConvertible {
  struct Settings: Decodable, Sendable {
    let probability: Double?
    let minimumArea: Double?
    let minimumRatio: Double?
    let maximumRatio: Double?
    let usesLogarithm: Bool?
    let attempts: Int?
  }

  private struct File: Decodable {
    let crops: [Drawn]
    let erasures: [Drawn]
  }

  let size: [Int]
  let settings: Settings
  let convention: String?
  /// The fraction of images with a rectangle.
  let share: Double
  /// Of left, top, width and height.
  let means: [Double]
  let deviations: [Double]

  var testDescription: String { "\(size), \(convention ?? ""), \(settings)" }

  static func crops() throws -> [Drawn] { try file().crops }

  static func erasures() throws -> [Drawn] { try file().erasures }

  private static func file() throws -> File {
    let url = Fixtures.folder.appending(path: "augmentations/draws.json")
    return try JSONDecoder().decode(File.self, from: Data(contentsOf: url))
  }

  /// Compares with what is drawn as often here.
  ///
  /// The means of two such series differ by five of their standard errors once in a million times,
  /// and standard deviations by 3%.
  func expect(_ boxes: [Box?]) {
    let count = Double(boxes.count)
    let drawn = boxes.compactMap { $0 }
    let error = (2 * share * (1 - share) / count).squareRoot()
    #expect(abs(Double(drawn.count) / count - share) <= 5 * error)
    let numbers: [(Box) -> Int] = [
      { $0.columns.lowerBound }, { $0.rows.lowerBound }, { $0.columns.count }, { $0.rows.count },
    ]
    for (number, (mean, deviation)) in zip(numbers, zip(means, deviations)) {
      let values = drawn.map { Double(number($0)) }
      let found = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + ($1 - found) * ($1 - found) } / Double(values.count)
      #expect(abs(found - mean) <= 5 * deviation * (2 / (count * share)).squareRoot())
      #expect(abs(variance.squareRoot() - deviation) <= 0.03 * deviation)
    }
  }
}

extension Images {
  /// The image that `make_augmentations.py` draws under the same name.
  static func drawn(_ name: String) throws -> RGBImage {
    let sizes = [
      "noise": (23, 17), "faint": (13, 11), "grey": (5, 4), "strip": (2, 5), "dot": (1, 1),
    ]
    let (width, height) = try #require(sizes[name])
    // The key of make_augmentations.py.
    var pixels = noise(width: width, height: height, key: "picture/\(name)").pixels
    if name == "faint" { pixels = pixels.map { $0 / 8 + 90 } }
    if name == "grey" { pixels = pixels.indices.map { pixels[$0 / 3 * 3] } }
    return RGBImage(width: width, height: height, pixels: pixels)
  }

  /// An image of random levels.
  static func noise(width: Int, height: Int, key: String) -> RGBImage {
    var random = KeyedRandom(key: key)
    return RGBImage(
      width: width, height: height,
      pixels: (0..<(width * height * 3)).map { _ in UInt8((random.nextUniform() + 1) * 128) })
  }
}
