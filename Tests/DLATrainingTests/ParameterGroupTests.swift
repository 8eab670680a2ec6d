import DLAModels
import DLATraining
import Testing

/// Weight decay and learning rate by parameter.
struct ParameterGroupTests {
  @Test func neighboursThatAreTreatedAlikeAreOneGroup() throws {
    let groups = try ParameterPolicy(decay: 0.1).groups(of: recordedTensors)
    #expect(
      groups == [
        ParameterGroup(range: 0..<34, decay: 0.1), ParameterGroup(range: 44..<52, decay: 0.1),
      ])
  }

  @Test func normsAndBiasesDoNotDecay() throws {
    let policy = ParameterPolicy(decay: 0.1, decaying: .weights)
    #expect(
      try policy.groups(of: recordedTensors) == [
        ParameterGroup(range: 0..<24, decay: 0.1), ParameterGroup(range: 24..<34),
        ParameterGroup(range: 44..<50, decay: 0.1), ParameterGroup(range: 50..<52),
      ])
  }

  @Test func theLongestNameThatFitsSetsTheRate() throws {
    let policy = ParameterPolicy(
      learningRateScales: ["level0": 0.5, "level0.1": 2], frozen: ["fc.weight", "level0.1.bias"])
    #expect(
      try policy.groups(of: recordedTensors) == [
        ParameterGroup(range: 0..<24, learningRateScale: 0.5),
        ParameterGroup(range: 24..<29, learningRateScale: 2), ParameterGroup(range: 50..<52),
      ])
  }

  @Test(arguments: ["level", "level0.", "level00", "fc.weigh", "", "level0.1.running_mean"])
  func aPartThatDoesNotExistIsAnError(part: String) {
    let error = #expect(throws: TrainingError.self) {
      try ParameterPolicy(frozen: [part]).groups(of: recordedTensors)
    }
    #expect(error?.code == .unknownPart)
    #expect(error?.message.contains("its parts are level0, fc,") == true)
  }

  @Test(arguments: [-0.1, .nan, .infinity]) func aRateFactorMustBeANumber(factor: Double) {
    let error = #expect(throws: TrainingError.self) {
      try ParameterPolicy(learningRateScales: ["fc": factor]).groups(of: recordedTensors)
    }
    #expect(error?.code == .unsuitableNumber)
  }

  @Test func groupsOfAWholeNetworkCoverItsParametersOnce() throws {
    let graph = try Variant.named("dla34").graph(classes: 10)
    let frozen = ["base_layer", "level0", "level1", "level2", "level3"]
    let groups = try ParameterPolicy(
      decay: 1e-4, decaying: .weights, learningRateScales: ["fc": 10], frozen: frozen
    ).groups(of: graph.tensors)
    var start = 0
    for tensor in graph.tensors {
      let inside = groups.filter { $0.range.contains(start) }
      let part = String(tensor.name.prefix { $0 != "." })
      let isTrained = tensor.kind == .parameter && !frozen.contains(part)
      #expect(inside.count == (isTrained ? 1 : 0), "\(tensor.name)")
      if let group = inside.first {
        #expect(group.range.upperBound >= start + tensor.count)
        #expect(group.learningRateScale == (part == "fc" ? 10 : 1))
        #expect(group.decay == (tensor.shape.count == 4 ? 1e-4 : 0))
      }
      start += tensor.count
    }
  }

  @Test func aNetworkWithoutTensorsHasNoGroups() throws {
    #expect(try ParameterPolicy(decay: 1).groups(of: []).isEmpty)
  }
}
