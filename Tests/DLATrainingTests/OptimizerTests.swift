import DLASystem
import DLATraining
import Testing
import _DLATestSupport

/// Updates against those of PyTorch in float64, and what must hold for any.
struct OptimizerTests {
  private let threads = ThreadPool(count: 2)

  @Test(arguments: 0..<11) func optimizerUpdatesAreThoseOfPyTorch(index: Int) throws {
    let run = try Recorded.read().optimizers[index]
    var block = Block(recordedTensors, purpose: "parameter")
    let before = block.values
    var optimizer = try make(run, threads)
    for update in 0..<10 { self.update(&optimizer, &block, update, run.rate) }
    let error = relativeError(block.parameters(of: recordedTensors), run.parameters)
    #expect(error < 1e-6, "\(run.name) \(run.options): \(error)")
    #expect(optimizer.updates == 10)
    #expect(block.values[34..<44] == before[34..<44], "statistics changed")
  }

  @Test(arguments: 0..<11) func optimizerGoesOnFromItsStateBitForBit(index: Int) throws {
    let run = try Recorded.read().optimizers[index]
    var whole = Block(recordedTensors, purpose: "parameter")
    var parted = Block(recordedTensors, purpose: "parameter")
    var first = try make(run, threads)
    for update in 0..<10 { self.update(&first, &whole, update, run.rate) }

    var early = try make(run, threads)
    for update in 0..<4 { self.update(&early, &parted, update, run.rate) }
    let saved = early.state
    // The saved state must be a copy.
    var other = parted
    self.update(&early, &other, 4, run.rate)
    var late = try make(run, threads)
    try late.restore(saved)
    for update in 4..<10 { self.update(&late, &parted, update, run.rate) }
    #expect(whole.values == parted.values)
    #expect(late.state == first.state)
  }

  @Test(arguments: ["SGD", "AdamW", "RMSProp"])
  func optimizerDoesNotDependOnTheNumberOfThreads(name: String) {
    let count = 200_001
    let groups = [
      ParameterGroup(range: 0..<70_000, decay: 0.1), ParameterGroup(range: 70_000..<70_000),
      ParameterGroup(range: 70_003..<count, learningRateScale: 0.5),
    ]
    let results = [1, 2, 5].map { threads in
      var block = Block(drawn("parameters", count))
      let gradients = Block(drawn("gradients", count))
      let pool = ThreadPool(count: threads)
      var optimizer: any Optimizer =
        switch name {
        case "SGD": SGD(groups: groups, count: count, isNesterov: true, threads: pool)
        case "AdamW": Adam(groups: groups, count: count, isDecoupled: true, threads: pool)
        default: RMSProp(groups: groups, count: count, momentum: 0.9, threads: pool)
        }
      for _ in 0..<2 { step(&optimizer, &block, gradients, rate: 0.01) }
      return block.values
    }
    #expect(results[0] == results[1] && results[1] == results[2])
    let start = drawn("parameters", count)
    #expect(results[0][70_000..<70_003] == start[70_000..<70_003])
    #expect(
      !zip(results[0], start).enumerated().contains {
        !(70_000..<70_003).contains($0.offset) && $0.element.0 == $0.element.1
      })
  }

  @Test func optimizerRefusesTheStateOfAnother() throws {
    let groups = [ParameterGroup(range: 0..<4)]
    var sgd = SGD(groups: groups, count: 4, threads: threads)
    let adam = Adam(groups: groups, count: 4, isDecoupled: true, threads: threads)
    let longer = SGD(groups: groups, count: 5, threads: threads)
    for state in [
      adam.state, longer.state, OptimizerState(updates: -1, blocks: sgd.state.blocks),
    ] {
      let error = #expect(throws: TrainingError.self) { try sgd.restore(state) }
      #expect(error?.code == .unsuitableState)
    }
    #expect(sgd.state == OptimizerState(updates: 0, blocks: ["velocity": [0, 0, 0, 0]]))
  }

  @Test func optimizerOfNothingDoesNothing() {
    var block = Block([1, 2])
    var sgd: any Optimizer = SGD(groups: [], count: 2, threads: threads)
    step(&sgd, &block, Block([3, 4]), rate: 1)
    #expect(block.values == [1, 2])
    var nothing = Block([])
    var adam: any Optimizer = Adam(groups: [], count: 0, isDecoupled: true, threads: threads)
    step(&adam, &nothing, Block([]), rate: 1)
    #expect(adam.updates == 1)
  }

  @Test func optimizerFollowsAMomentumThatChanges() {
    var block = Block([0])
    let groups = [ParameterGroup(range: 0..<1)]
    var sgd: any Optimizer = SGD(groups: groups, count: 1, threads: threads)
    for (momentum, expected) in [(0.5, -1.0), (0.5, -2.5), (0, -3.5)] {
      sgd.momentum = momentum
      step(&sgd, &block, Block([1]), rate: 1)
      #expect(block.values == [Float(expected)])
    }
  }

  private func make(_ run: Recorded.Run, _ threads: ThreadPool) throws -> any Optimizer {
    let policy = ParameterPolicy(
      decay: run.decay, decaying: run.withoutNorms ? .weights : .all,
      learningRateScales: run.factors)
    let groups = try policy.groups(of: recordedTensors)
    let count = recordedTensors.reduce(0) { $0 + $1.count }
    if run.name == "SGD" {
      return SGD(
        groups: groups, count: count, momentum: try #require(run.options["momentum"]),
        isNesterov: run.options["nesterov"] != nil, threads: threads)
    }
    if run.name == "RMSProp" {
      return RMSProp(
        groups: groups, count: count, momentum: try #require(run.options["momentum"]),
        squareMomentum: try #require(run.options["alpha"]),
        epsilon: try #require(run.options["eps"]), threads: threads)
    }
    return Adam(
      groups: groups, count: count, isDecoupled: run.name == "AdamW",
      momentum: run.options["beta1", default: 0.9],
      squareMomentum: run.options["beta2", default: 0.999],
      epsilon: run.options["eps", default: 1e-8], threads: threads)
  }

  private func update(
    _ optimizer: inout any Optimizer, _ block: inout Block, _ update: Int, _ rate: Double
  ) {
    let gradients = Block(recordedTensors, purpose: "gradient/\(update)")
    step(&optimizer, &block, gradients, rate: rate * (1 - 0.05 * Double(update)))
  }
}
