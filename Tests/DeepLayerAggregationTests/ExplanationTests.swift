import DLAGraph
import DLATensor
import DeepLayerAggregation
import Foundation
import Testing
import _DLATestSupport

/// Explanation maps against PyTorch in float64 (Tests/Fixtures/make_explanations.py).
struct ExplanationTests {
  private struct Reference: Decodable {
    let `class`: Int
    let probability: Double
    let gradCAM: [Double]
    let occlusion: [Double]
  }

  private static func reference(_ model: String) throws -> Reference {
    let data = try Data(contentsOf: Fixtures.folder.appending(path: "explanations.json"))
    return try #require(try JSONDecoder().decode([String: Reference].self, from: data)[model])
  }

  private static func classifier(_ model: String) throws -> Classifier {
    let variant = try Variant.named(model)
    return try Classifier(Network(variant, weights: SyntheticWeights(variant)))
  }

  private static var crop: Tensor {
    var random = KeyedRandom(key: "input/224")
    return Tensor(
      shape: [3, 224, 224],
      elements: (0..<3 * 224 * 224).map { _ in Float(2 * random.nextUniform()) })
  }

  private static func largestError(_ map: HeatMap, _ reference: [Double]) -> Double {
    zip(map.values, reference).map { abs(Double($0) - $1) }.max() ?? .infinity
  }

  @Test(arguments: ["dla34", "dla46x_c", "dla60"])
  func gradCAMEqualsTheGradientsOfPyTorch(model: String) throws {
    let reference = try Self.reference(model)
    let found = try Self.classifier(model).gradCAM(crop: Self.crop)
    #expect(found.classIndex == reference.class)
    #expect(abs(Double(found.probability) - reference.probability) < 1e-5)
    #expect(found.map.width == 7 && found.map.height == 7)
    let largest = try #require(reference.gradCAM.max())
    #expect(largest > 0)
    #expect(Self.largestError(found.map, reference.gradCAM) < 1e-5 * largest)
  }

  @Test(arguments: ["dla34", "dla46x_c", "dla60"], [1, 8])
  func occlusionEqualsPyTorch(model: String, batchSize: Int) throws {
    let reference = try Self.reference(model)
    let found = try Self.classifier(model).occlusion(
      crop: Self.crop, Occlusion(crop: 224, patch: 32, stride: 32, batchSize: batchSize))
    #expect(found.classIndex == reference.class)
    #expect(found.map.width == 7 && found.map.height == 7)
    let largest = try #require(reference.occlusion.map(abs).max())
    // Differences of logarithms: float32's rounding of the scores stays.
    #expect(Self.largestError(found.map, reference.occlusion) < 1e-5 * largest + 2e-5)
  }

  @Test func anotherClassHasAnotherMap() throws {
    let classifier = try Self.classifier("dla46x_c")
    let first = try classifier.gradCAM(crop: Self.crop, classIndex: 1)
    let second = try classifier.gradCAM(crop: Self.crop, classIndex: 2)
    #expect(first.classIndex == 1 && second.classIndex == 2)
    #expect(first.map != second.map)
  }

  @Test func occlusionCoversTheWholeCropToItsEdges() throws {
    let classifier = try Classifier.builtIn()
    let image = RGBImage(
      width: 40, height: 32, pixels: (0..<40 * 32 * 3).map { UInt8(truncatingIfNeeded: $0 * 7) })
    var steps: [Int] = []
    let found = try classifier.occlusion(crop: classifier.preprocessor.input(image)) {
      done, places in
      #expect(places == 256)
      steps.append(done)
    }
    #expect(found.map.width == 16 && found.map.height == 16)
    #expect(steps == Array(stride(from: 8, through: 256, by: 8)))
    #expect(found.map.values.allSatisfy { $0.isFinite })
  }

  @Test func theMapLiesWhereTheCropIs() throws {
    let classifier = try Classifier.builtIn()
    #expect(
      classifier.preprocessor.cropRegion(width: 640, height: 480)
        == ImageRegion(x: 80, y: 0, width: 480, height: 480))
    let map = HeatMap(width: 1, height: 1, values: [1])
    let white = RGBImage(width: 4, height: 2, pixels: Array(repeating: 255, count: 24))
    let shown = white.overlaid(with: map, on: ImageRegion(x: 2, y: 0, width: 2, height: 2))
    #expect(shown.width == 4 && shown.height == 2)
    #expect(Array(shown.pixels[0..<3]) == [89, 89, 89])
    #expect(shown.pixels[6] > shown.pixels[8])
  }

  @Test func mapsAreSmoothAndStayWithinTheirValues() {
    let map = HeatMap(width: 3, height: 2, values: [-2, 0, 4, 1, 1, 1]).normalized
    #expect(map.values == [0, 0, 1, 0.25, 0.25, 0.25])
    let row = stride(from: Float(0), through: 1, by: 0.125).map { map.value(x: $0, y: 0.25) }
    #expect(row.allSatisfy { (0...1).contains($0) })
    #expect(zip(row, row.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(HeatMap(width: 1, height: 1, values: [-1]).normalized.values == [0])
  }
}
