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

  /// The accuracy required on a device: relative L2 of the scores.
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

  @Test(arguments: isSlowWanted ? all : few)
  func logitsAndLevelMeansEqualTheReference(test: Case) throws {
    let variant = try Variant.named(test.model)
    let size = SpatialSize(height: 224, width: 224)
    let plan = try CUDAPlan(
      variant.graph(), weights: SyntheticWeights(variant),
      options: .init(batchSize: 1, size: size, returnsFeatures: true, algorithm: test.choice),
      on: SimulatedGPU().kernels(test.precision))
    let run = try CUDAExecutionContext(plan)
    // The first image of two.
    let input = uniform("input/224", count: 3 * size.area, scale: 2)
    try input.withUnsafeBufferPointer { try run($0) }

    let reference = try CheckpointFile(fixture: "expected-inference/\(test.model).safetensors")
    let tolerance = try #require(Self.tolerances[test.precision])
    let error = relativeError(run.logits.elements, try reference.doubles("224/logits").prefix(1000))
    if isSlowWanted { print("\(test.testDescription): \(error)") }
    #expect(error < tolerance)
    #expect(run.levels.count == 6)
    for (level, map) in run.levels.enumerated() {
      let expected = try reference.doubles("224/level\(level).mean").prefix(map.shape[1])
      #expect(relativeError(map.spatialMeans, expected) < tolerance, "level \(level)")
    }
  }
}
