import DLABackend
import DLACUDA
import DLACheckpoints
import DLAGraph
import DLAModels
import DLASystem
import DLATensor
import Foundation
import Testing
import _DLATestSupport

/// Whole networks on the simulated GPU against timm in float64: the kernels as they are written,
/// with the roundings of tensor cores, but not on a device.
struct SimulatedInferenceTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let model: String
    let precision: Precision
    var choice: String?
    var testDescription: String {
      "\(model), \(precision.rawValue)\(choice.map { ", \($0)" } ?? "")"
    }
  }

  /// What the networks must reach on a device, relative L2 of the scores.
  static let tolerances: [Precision: Double] = [.fp32: 1e-5, .tf32: 5e-3, .fp16: 2e-2, .bf16: 2e-2]

  /// Kernels run some thousand times slower than on a device, so the smallest networks are enough
  /// each time: those of grouped convolutions, and of slices in every precision.
  static let few =
    Precision.allCases.map { Case(model: "dla46x_c", precision: $0) } + [
      Case(model: "dla46_c", precision: .fp32),
      Case(model: "dla46_c", precision: .fp32, choice: "scalar 64x64/1"),
      Case(model: "dla60_res2net", precision: .fp16),
    ]

  /// All twelve networks in all precisions take half an hour.
  static let all = Variant.all.flatMap { variant in
    Precision.allCases.map { Case(model: variant.name, precision: $0) }
      + [Case(model: variant.name, precision: .fp32, choice: "scalar 64x64/1")]
  }

  static let isSlowWanted = Platform.environment("DLA_SLOW_TESTS") == "1"

  @Test(arguments: isSlowWanted ? all : few)
  func logitsAndLevelMeansEqualTheReference(test: Case) throws {
    let variant = try Variant.named(test.model)
    let size = SpatialSize(height: 224, width: 224)
    let plan = try CUDAPlan(
      variant.graph(), weights: SyntheticWeights(variant),
      options: .init(
        batchSize: 1, size: size, returnsFeatures: true, algorithm: test.choice),
      on: SimulatedGPU().kernels(test.precision))
    let run = try CUDAExecutionContext(plan)
    // The first image of two.
    var random = KeyedRandom(key: "input/224")
    let input = (0..<3 * size.area).map { _ in Float(2 * random.nextUniform()) }
    try input.withUnsafeBufferPointer { try run($0) }

    let reference = try CheckpointFile(
      path: Fixtures.folder.appending(path: "expected-inference/\(test.model).safetensors").path)
    let tolerance = try #require(Self.tolerances[test.precision])
    let error = relativeError(
      run.logits.elements, try Self.doubles(reference, "224/logits").prefix(1000))
    if Self.isSlowWanted { print("\(test.testDescription): \(error)") }
    #expect(error < tolerance)
    #expect(run.levels.count == 6)
    for (level, map) in run.levels.enumerated() {
      let expected = try Self.doubles(reference, "224/level\(level).mean").prefix(map.shape[1])
      #expect(relativeError(Self.spatialMeans(map), expected) < tolerance, "level \(level)")
    }
  }

  /// The mean of each channel, in float64.
  private static func spatialMeans(_ map: Tensor) -> [Float] {
    let area = map.shape[2] * map.shape[3]
    return (0..<map.shape[1]).map { channel in
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
