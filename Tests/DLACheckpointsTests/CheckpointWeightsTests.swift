import DLACheckpoints
import DLAGraph
import DLATensor
import Testing

@Suite struct CheckpointWeightsTests {
  /// A network of one convolution, one norm and a classifier.
  private func graph(channels: Int = 4, classes: Int = 3) -> Graph {
    var graph = Graph(inChannels: 3)
    let convolution = Convolution(inChannels: 3, outChannels: channels, kernelSize: 3)
    var value = graph.append(.convolution(convolution), name: "conv", inputs: graph.input)
    value = graph.append(.batchNorm, name: "bn", inputs: value)
    let head = Convolution(inChannels: channels, outChannels: classes, kernelSize: 1, hasBias: true)
    graph.logits = graph.append(.convolution(head), name: "fc", inputs: value)
    return graph
  }

  /// A file with synthetic weights for a graph, changed before it is written.
  private func checkpoint(
    of graph: Graph, _ change: (inout [(name: String, tensor: Tensor)]) -> Void = { _ in }
  ) throws -> CheckpointFile {
    let source = SyntheticWeights(model: "test", shortcutNorms: [".bn3.weight"])
    var tensors = graph.tensors.map {
      (name: $0.name, tensor: Tensor(shape: $0.shape, elements: source.read($0)))
    }
    change(&tensors)
    return try withTemporaryFolder { folder in
      let path = folder.appending(path: "m").path
      try SafetensorsWriter.write(tensors, to: path)
      return try CheckpointFile(path: path)
    }
  }

  private func refusal(_ file: CheckpointFile, _ graph: Graph) throws -> CheckpointError {
    try #require(throws: CheckpointError.self) {
      try CheckpointWeights(file.parts[0], tensors: graph.tensors)
    }
  }

  @Test func aFittingFileIsRead() throws {
    let graph = graph()
    let file = try checkpoint(of: graph) {
      $0.append((name: "bn.num_batches_tracked", tensor: Tensor(zeros: [])))
    }
    let weights = try CheckpointWeights(file.parts[0], tensors: graph.tensors)
    let source = SyntheticWeights(model: "test", shortcutNorms: [".bn3.weight"])
    for tensor in graph.tensors { #expect(try weights.read(tensor) == source.read(tensor)) }
  }

  @Test func anotherNumberOfClassesHasItsOwnCode() throws {
    let error = try refusal(checkpoint(of: graph(classes: 10)), graph())
    #expect(error.code == .wrongClassCount)
    #expect(error.message.hasSuffix("/m: the classifier (fc) has 10 classes, the model expects 3"))
  }

  @Test func onlyTheBiasOfTheClassifierIsNoClassCount() throws {
    let file = try checkpoint(of: graph()) { $0[$0.count - 1].tensor = Tensor(zeros: [10]) }
    #expect(try refusal(file, graph()).code == .wrongModel)
  }

  @Test func oneMisshapenTensorIsDescribed() throws {
    let file = try checkpoint(of: graph()) { $0[0].tensor = Tensor(zeros: [4, 3, 1, 1]) }
    let error = try refusal(file, graph())
    #expect(error.code == .wrongModel)
    #expect(
      error.message.hasSuffix(
        "/m: tensor conv.weight has shape [4, 3, 1, 1], the model expects [4, 3, 3, 3]; "
          + "was this file made for another variant?"))
  }

  @Test func differencesAreCountedAndTheFirstOnesNamed() throws {
    let file = try checkpoint(of: graph(channels: 5)) { tensors in
      tensors.removeAll { $0.name.hasPrefix("fc.") }
      for index in 0..<115 {
        tensors.append((name: "level0.x\(index)\n", tensor: Tensor(zeros: [1])))
      }
    }
    let error = try refusal(file, graph())
    #expect(error.code == .wrongModel)
    #expect(isOneLine(error.message))
    #expect(
      error.message.hasSuffix(
        #"/m does not fit the model: 2 missing tensors (fc.weight, fc.bias), 115 unexpected "#
          + #"tensors (level0.x0\u{a}, level0.x1\u{a}, level0.x2\u{a} … and 112 more), 5 misshapen tensors "#
          + #"(conv.weight [5, 3, 3, 3] instead of [4, 3, 3, 3], bn.weight [5] instead of [4], "#
          + #"bn.bias [5] instead of [4] … and 2 more); was this file made for another variant?"#),
      "\(error.message)")
  }

  @Test func integersAreNoWeights() throws {
    let header = #"{"fc.t":{"dtype":"I32","shape":[1],"data_offsets":[0,4]}}"#
    let file = try CheckpointFile(contents: file(header, data: 4), name: "x")
    var graph = Graph(inChannels: 1)
    graph.logits = graph.append(.relu, name: "fc.t", inputs: graph.input)
    let error = try refusal(file, graph)
    #expect(error.message.contains("1 unexpected tensor (fc.t)"))
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func weightsThatAreNotFiniteAreRefused(value: Float) throws {
    let graph = graph()
    let file = try checkpoint(of: graph) { $0[2].tensor.elements[1] = value }
    let weights = try CheckpointWeights(file.parts[0], tensors: graph.tensors)
    _ = try weights.read(graph.tensors[0])
    let error = try #require(throws: CheckpointError.self) { try weights.read(graph.tensors[2]) }
    #expect(error.code == .nonFinite)
    #expect(error.message.contains("tensor bn.bias has \(value) as element 1"))
  }
}
