import DLAData
import DLAGraph
import DLATensor
import DeepLayerAggregation
import Testing
import _DLATestSupport

/// Networks of one input channel.
struct GrayImageTests {
  /// Colours, and what PIL 13's `convert("L")` makes of them.
  private static let colours: [(colour: [UInt8], gray: UInt8)] = [
    ([255, 0, 0], 76), ([0, 255, 0], 150), ([0, 0, 255], 29), ([10, 200, 30], 124),
    ([123, 45, 67], 71), ([1, 2, 3], 2), ([254, 255, 253], 254), ([90, 90, 90], 90),
  ]

  private static let preset = Preset(
    name: "mine", convention: .pil, resizeShort: 32, crop: 32, mean: [0.3, 0.4, 0.8],
    standardDeviation: [0.25, 0.25, 0.25])

  private static func image(_ key: String) -> RGBImage {
    var random = KeyedRandom(key: key)
    return RGBImage(
      width: 32, height: 32,
      pixels: (0..<32 * 32 * 3).map { _ in UInt8.random(in: 0...255, using: &random) })
  }

  @Test(arguments: colours)
  func grayIsPILs(colour: [UInt8], gray: UInt8) throws {
    let square = RGBImage(width: 2, height: 2, pixels: (0..<4).flatMap { _ in colour })
    let crop = try Preprocessor(Self.preset, channels: 1).pixels(square)
    #expect(crop.pixels.allSatisfy { $0 == gray })
  }

  @Test func theInputIsOnePlaneNormalisedByTheMeans() throws {
    let image = RGBImage(width: 32, height: 32, pixels: Array(repeating: 102, count: 32 * 32 * 3))
    let input = try Preprocessor(Self.preset, channels: 1).input(image)
    #expect(input.shape == [1, 32, 32])
    let expected: Float = (Float(102) / 255 - 0.5) / 0.25
    #expect(input.elements.allSatisfy { abs($0 - expected) < 1e-6 })
  }

  /// A network of colours whose first weights are added up is the same for gray images.
  @Test func addedWeightsAreThoseOfTheNetworkOfColours() async throws {
    let variant = try Variant.named("dla46_c")
    let weights = SyntheticWeights(variant)
    var preset = Self.preset
    preset.mean = [0.5, 0.5, 0.5]
    let colours = try Classifier(
      Network(variant, weights: weights, classes: 5), preset: preset)
    let gray = try Classifier(
      Network(variant, weights: GrayInput(of: weights), classes: 5, inChannels: 1), preset: preset)
    let one = Self.image("gray")
    let equal = one.pixels.indices.map { one.pixels[$0 / 3 * 3] }
    let image = RGBImage(width: 32, height: 32, pixels: equal)
    let expected = try await colours.classify(image, top: 5)
    let found = try await gray.classify(image, top: 5)
    for (a, b) in zip(expected, found) {
      #expect(a.index == b.index && abs(a.probability - b.probability) < 1e-5)
    }
  }
}
