import DLASystem
import DLATensor
import DLATraining
import Testing

struct GradientTests {
  private let work = BlockWork(ThreadPool(count: 2))
  private let groups = [ParameterGroup(range: 0..<34), ParameterGroup(range: 44..<52)]

  @Test(arguments: 0..<3) func gradientsAreClippedByNormAsInPyTorch(index: Int) throws {
    let recorded = try Recorded.read().clipping[index]
    var gradients = Block(recordedTensors, purpose: "gradient/0")
    let before = gradients.values
    let norm = clip(&gradients, .norm(recorded.most), groups)
    #expect(abs(norm / recorded.norm - 1) < 1e-12)
    let first = gradients.values.prefix(24).map(Double.init)
    #expect(relativeDifference(first, recorded.first) < 1e-6)
    #expect(gradients.values[34..<44] == before[34..<44])
  }

  @Test(arguments: 0..<2) func eachTensorIsClippedByItsOwnNormAsInPyTorch(index: Int) throws {
    let recorded = try Recorded.read().clippingOfEach[index]
    var gradients = Block(recordedTensors, purpose: "gradient/0")
    let before = gradients.values
    _ = clip(&gradients, .normOfEach(recorded.most), groups, recordedTensors)
    let all = gradients.parameters(of: recordedTensors).map(Double.init)
    #expect(relativeDifference(all, recorded.all) < 2e-6)
    #expect(gradients.values[34..<44] == before[34..<44])
  }

  @Test func gradientsAreClippedByValue() {
    var gradients = Block([-3, -0.5, 0.25, 2, 9])
    let norm = clip(&gradients, .value(0.5), [ParameterGroup(range: 0..<4)])
    #expect(gradients.values == [-0.5, -0.5, 0.25, 0.5, 9])
    #expect(abs(norm * norm - 13.3125) < 1e-12)
  }

  @Test(arguments: [Float.nan, .infinity])
  func gradientsThatAreNotFiniteAreLeftAndSeen(value: Float) {
    for clipping in [TrainingRecipe.Clipping.norm(1), .normOfEach(1), .value(1)] {
      var gradients = Block([5, value, -7])
      let norm = clip(&gradients, clipping, [ParameterGroup(range: 0..<3)])
      #expect(!norm.isFinite)
      #expect(gradients.values[0] == 5 && gradients.values[2] == -7)
    }
  }

  @Test func gradientNormIsTheSameForAnyNumberOfThreads() {
    let values = drawn("norm", 300_007)
    let exact = values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    let norms = [1, 2, 3, 8].map { threads in
      var gradients = Block(values)
      let work = BlockWork(ThreadPool(count: threads))
      return gradients.lend {
        TrainingRecipe.Clipping.norm(.infinity).apply(
          to: $0, of: [ParameterGroup(range: values.indices)], tensors: [], work: work)
      }
    }
    #expect(Set(norms).count == 1)
    #expect(abs(norms[0] / exact - 1) < 1e-12)
  }

  @Test func gradientNormOfNothingIsZero() {
    var gradients = Block([1, 2])
    for groups in [[], [ParameterGroup(range: 1..<1)]] {
      #expect(clip(&gradients, .norm(1), groups) == 0)
    }
    #expect(gradients.values == [1, 2])
  }

  @Test func gradientsOfSeveralBatchesBecomeTheirMean() {
    let count = 150_000
    let batches = (0..<3).map { drawn("batch \($0)", count) }
    var sum = Block(Array(repeating: 5, count: count))
    sum.lend { sum in
      for (index, batch) in batches.enumerated() {
        var batch = Block(batch)
        batch.lend { index == 0 ? work.copy($0, to: sum) : work.add($0, to: sum) }
      }
      work.scale(sum, by: 1 / 3)
    }
    let means = (0..<count).map { index in batches.reduce(0.0) { $0 + Double($1[index]) } / 3 }
    #expect(relativeDifference(sum.values.map(Double.init), means) < 2e-7)
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func firstTensorWithABrokenGradientIsNamed(value: Float) {
    var gradients = Block(recordedTensors, purpose: "gradient/0")
    #expect(firstBroken(gradients) == nil)
    gradients.values[51] = value
    #expect(firstBroken(gradients) == "fc.bias")
    gradients.values[24] = value
    #expect(firstBroken(gradients) == "level0.1.weight")
    #expect(firstBroken(Block([]), of: []) == nil)
  }

  private func clip(
    _ gradients: inout Block, _ clipping: TrainingRecipe.Clipping, _ groups: [ParameterGroup],
    _ tensors: [TensorSpecification] = []
  ) -> Double {
    gradients.lend { clipping.apply(to: $0, of: groups, tensors: tensors, work: work) }
  }

  private func firstBroken(
    _ gradients: Block, of tensors: [TensorSpecification] = recordedTensors
  ) -> String? {
    var gradients = gradients
    return gradients.lend { firstNonFiniteTensor(of: tensors, in: $0) }
  }
}
