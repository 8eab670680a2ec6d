import DLACPU
import DLACheckpoints
import DLAGraph
import DLAModels
import DLATensor
import Testing
import _DLATestSupport

/// Whole models against timm in float64.
struct InferenceTests {
  struct Case: CustomTestStringConvertible {
    let model: String
    let instructionSet: InstructionSet
    var testDescription: String { "\(model), \(instructionSet.rawValue)" }
  }

  /// Large models on portable kernels take minutes and run only with `DLA_SLOW_TESTS=1`, unless the
  /// processor has no others.
  static let cases = Variant.all.flatMap { variant in
    InstructionSet.available.filter {
      $0 != .portable || $0 == .best || isSlowWanted || small.contains(variant.name)
    }.map { Case(model: variant.name, instructionSet: $0) }
  }

  /// Bottleneck and ResNeXt blocks; basic and Res2Net blocks are left to the slow tier, where the
  /// portable kernels are tested on whole models, and to `ConvolutionTests`.
  private static let small = ["dla46_c", "dla46x_c", "dla60x_c"]

  /// A tenth of the required accuracy; the largest error seen is 6e-7.
  private static let tolerance = 1e-6

  @Test(arguments: cases)
  func logitsAndLevelMeansEqualTheReference(test: Case) throws {
    let reference = try CheckpointFile(fixture: "expected-inference/\(test.model).safetensors")
    for (tag, images, size) in [
      ("224", 2, SpatialSize(height: 224, width: 224)),
      ("256x320", 1, SpatialSize(height: 256, width: 320)),
    ] {
      let variant = try Variant.named(test.model)
      let plan = try Plan(
        variant.graph(), weights: SyntheticWeights(variant),
        options: Plan.Options(
          batchSize: images, size: size, instructionSet: test.instructionSet, threads: 2,
          returnsFeatures: true))
      let result = try plan.run(uniform("input/\(tag)", count: images * 3 * size.area, scale: 2))
      let logits = try reference.doubles("\(tag)/logits")
      for image in 0..<images {
        let row = image * 1000..<(image + 1) * 1000
        #expect(relativeError(result.logits.elements[row], logits[row]) < Self.tolerance)
      }
      #expect(result.levels.count == 6)
      guard tag == "224" else { continue }
      for (level, featureMap) in result.levels.enumerated() {
        let expected = try reference.doubles("\(tag)/level\(level).mean")
        let means = featureMap.spatialMeans
        for image in 0..<images {
          let row = image * featureMap.shape[1]..<(image + 1) * featureMap.shape[1]
          #expect(relativeError(means[row], expected[row]) < Self.tolerance, "level \(level)")
        }
      }
    }
  }
}
