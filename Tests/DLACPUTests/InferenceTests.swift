import DLACPU
import DLACheckpoints
import DLAGraph
import DLAModels
import DLASystem
import DLATensor
import Foundation
import Testing
import _DLATestSupport

/// Whole networks against timm in float64.
struct InferenceTests {
  struct Case: CustomTestStringConvertible {
    let model: String
    let instructionSet: InstructionSet
    var testDescription: String { "\(model), \(instructionSet.rawValue)" }
  }

  static let cases = Variant.all.flatMap { variant in
    InstructionSet.available.map { Case(model: variant.name, instructionSet: $0) }
  }

  /// Ten times below what the networks must reach; the largest seen is 6e-7.
  private static let tolerance = 1e-6

  @Test(arguments: cases)
  func logitsAndLevelMeansEqualTheReference(test: Case) throws {
    let reference = try CheckpointFile(
      path: Fixtures.folder.appending(path: "expected-inference/\(test.model).safetensors").path)
    for (tag, images, size) in [
      ("224", 2, SpatialSize(height: 224, width: 224)),
      ("256x320", 1, SpatialSize(height: 256, width: 320)),
    ] {
      let run = try Self.run(test, tag: tag, images: images, size: size)
      let logits = try Self.doubles(reference, "\(tag)/logits")
      for image in 0..<images {
        let row = image * 1000..<(image + 1) * 1000
        #expect(relativeError(run.logits.elements[row], logits[row]) < Self.tolerance)
      }
      #expect(run.levels.count == 6)
      guard tag == "224" else { continue }
      for (level, map) in run.levels.enumerated() {
        let expected = try Self.doubles(reference, "\(tag)/level\(level).mean")
        let means = Self.spatialMeans(map)
        for image in 0..<images {
          let row = image * map.shape[1]..<(image + 1) * map.shape[1]
          #expect(relativeError(means[row], expected[row]) < Self.tolerance, "level \(level)")
        }
      }
    }
  }

  private static func run(
    _ test: Case, tag: String, images: Int, size: SpatialSize
  ) throws -> ExecutionContext {
    let variant = try Variant.named(test.model)
    let pool = ThreadPool(count: 2)
    let plan = try Plan(
      variant.graph(), weights: SyntheticWeights(variant),
      options: Plan.Options(
        batchSize: images, size: size, instructionSet: test.instructionSet, threads: pool.count,
        returnsFeatures: true))
    let run = try ExecutionContext(plan, on: pool)
    var random = KeyedRandom(key: "input/\(tag)")
    let input = (0..<images * 3 * size.area).map { _ in Float(2 * random.nextUniform()) }
    input.withUnsafeBufferPointer { run($0) }
    return run
  }

  /// The mean of each channel of each image, in float64.
  private static func spatialMeans(_ map: Tensor) -> [Float] {
    let area = map.shape[2] * map.shape[3]
    return (0..<map.shape[0] * map.shape[1]).map { channel in
      let pixels = map.elements[channel * area..<(channel + 1) * area]
      return Float(pixels.reduce(0.0) { $0 + Double($1) } / Double(area))
    }
  }

  private static func doubles(_ file: CheckpointFile, _ name: String) throws -> [Double] {
    try file.withBytes(named: name) { bytes in
      (0..<bytes.count / 8).map { bytes.loadUnaligned(fromByteOffset: $0 * 8, as: Double.self) }
    }
  }
}
