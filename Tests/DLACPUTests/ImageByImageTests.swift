import DLACPU
import DLAGraph
import DLAModels
import DLASystem
import DLATensor
import Testing
import _DLATestSupport

struct ImageByImageTests {
  /// A cache in which most steps do, one in which a few do, and one in which none does.
  @Test(
    arguments: ["dla34", "dla46x_c", "dla60_res2net"],
    [(80_000, true), (80_000, false), (150_000, false)])
  func givesTheSameScoresAndLevels(model: String, cache: (bytes: Int, returnsFeatures: Bool)) throws
  {
    let variant = try Variant.named(model)
    let size = SpatialSize(height: 64, width: 96)
    let input = uniform("input/\(model)", count: 3 * 3 * size.area, scale: 2)
    func runTwice(cacheBytes: Int) throws -> (run: ExecutionContext, steps: Int) {
      let plan = try Plan(
        variant.graph(classes: 10), weights: SyntheticWeights(variant),
        options: Plan.Options(
          batchSize: 3, size: size, threads: 2, returnsFeatures: cache.returnsFeatures,
          cacheBytes: cacheBytes))
      // The second run starts from the memory that the first one leaves.
      let run = try plan.run(input)
      input.withUnsafeBufferPointer { run($0) }
      return (run, plan.stepNames.count)
    }
    let whole = try runTwice(cacheBytes: 1 << 30)
    let byImage = try runTwice(cacheBytes: cache.bytes)
    #expect(byImage.steps > whole.steps)
    let scores = whole.run.logits.elements.map(Double.init)
    #expect(relativeError(byImage.run.logits.elements, scores) < 2e-6)
    guard cache.returnsFeatures else { return }
    for (level, expected) in zip(byImage.run.levels, whole.run.levels) {
      #expect(level.shape == expected.shape)
      #expect(relativeError(level.elements, expected.elements.map(Double.init)) < 2e-6)
    }
  }
}
