import DLACheckpoints
import DLAGraph
import DLAModels
import DLASystem
import Foundation
import Testing

/// Writes a variant and reads it back.
func exported(
  _ variant: Variant, _ change: (inout ONNXModel.Options) -> Void = { _ in }
) throws -> ONNXFile {
  var options = ONNXModel.Options()
  change(&options)
  return try withTemporaryFolder { folder in
    let path = folder.appending(path: "model.onnx").path
    let model = try ONNXModel(variant.graph(), name: variant.name, options: options)
    try model.write(to: path, weights: SyntheticWeights(variant))
    return try ONNXFile(path: path)
  }
}

func operatorName(_ operation: Graph.Operation) -> String? {
  switch operation {
  case .input: nil
  case .convolution: "Conv"
  case .batchNorm: "BatchNormalization"
  case .relu: "Relu"
  case .add: "Add"
  case .concatenate: "Concat"
  case .slice: "Slice"
  case .maxPool: "MaxPool"
  case .averagePool3x3: "AveragePool"
  case .globalAveragePool: "GlobalAveragePool"
  }
}

/// One test at a time, since each holds a whole model.
@Suite(.serialized) struct ONNXModelTests {
  @Test(arguments: Variant.all)
  func aModelWithKeptNormsIsTheGraphNodeByNode(variant: Variant) throws {
    let file = try exported(variant) { $0.batchNorm = .keep }
    let graph = variant.graph()
    let operations = graph.nodes.filter { $0.operation != .input }
    #expect(file.nodes.count == operations.count + 1)
    for (node, found) in zip(operations, file.nodes) {
      #expect(found.operatorName == operatorName(node.operation))
      #expect(found.name == node.name)
      #expect(found.outputs == [node.name])
      #expect(found.inputs == inputs(of: node, in: graph))
      #expect(found.attributes == attributes(of: node))
    }
    let flatten = ONNXFile.Node(
      operatorName: "Flatten", name: "flatten", inputs: ["fc"], outputs: ["logits"],
      attributes: ["axis": [1]])
    #expect(file.nodes.last == flatten)

    let weights = SyntheticWeights(variant)
    #expect(file.tensors.values.filter { $0.type == 1 }.count == graph.tensors.count)
    for tensor in graph.tensors {
      let found = try #require(file.tensors[tensor.name])
      #expect(found.shape == tensor.shape)
      let expected = weights.read(tensor).withUnsafeBytes { Data($0) }
      #expect(expected.count == 4 * tensor.count)
      let isEqual = found.raw == expected
      #expect(isEqual, "\(tensor.name)")
    }
    for node in operations {
      guard case .slice(let range) = node.operation else { continue }
      func numbers(_ suffix: String) -> [Int64]? {
        file.tensors["\(node.name).\(suffix)"].map { $0.type == 7 ? $0.elements(Int64.self) : [] }
      }
      #expect(numbers("starts") == [Int64(range.lowerBound)])
      #expect(numbers("ends") == [Int64(range.upperBound)])
      #expect(numbers("axes") == [1])
    }
  }

  private func inputs(of node: Graph.Node, in graph: Graph) -> [String] {
    let values = node.inputs.map { graph[$0].name }
    if case .slice = node.operation {
      return values + ["starts", "ends", "axes"].map { "\(node.name).\($0)" }
    }
    return values + node.tensors.map(\.name)
  }

  private func attributes(of node: Graph.Node) -> [String: [Int]] {
    switch node.operation {
    case .convolution(let convolution):
      let (side, stride) = (convolution.kernelSize, convolution.stride)
      return [
        "dilations": [1, 1], "group": [convolution.groups], "kernel_shape": [side, side],
        "pads": Array(repeating: side / 2, count: 4), "strides": [stride, stride],
      ]
    case .batchNorm: return ["epsilon": [Int(Float(1e-5).bitPattern)]]
    case .concatenate: return ["axis": [1]]
    case .maxPool(let window):
      return ["kernel_shape": [window, window], "strides": [window, window]]
    case .averagePool3x3(let stride):
      return [
        "kernel_shape": [3, 3], "strides": [stride, stride], "pads": [1, 1, 1, 1],
        "count_include_pad": [1],
      ]
    default: return [:]
    }
  }

  @Test(arguments: Variant.all)
  func aFoldedModelHasNoNormsAndEveryOtherNode(variant: Variant) throws {
    let file = try exported(variant)
    let graph = variant.graph()
    var expected = ["Flatten": 1]
    for node in graph.nodes {
      if let name = operatorName(node.operation) { expected[name, default: 0] += 1 }
    }
    expected["BatchNormalization"] = nil
    var found: [String: Int] = [:]
    for node in file.nodes { found[node.operatorName, default: 0] += 1 }
    #expect(found == expected)

    var known = Set(["input"] + file.tensorNames)
    #expect(known.count == file.tensorNames.count + 1)
    for node in file.nodes {
      #expect(known.isSuperset(of: node.inputs), "\(node.name) reads what is not there yet")
      for output in node.outputs { #expect(known.insert(output).inserted, "\(output)") }
    }
    for node in file.nodes where node.operatorName == "Conv" {
      #expect(node.inputs.dropFirst() == ["\(node.name).weight", "\(node.name).bias"])
    }
    for node in graph.nodes {
      guard case .convolution(let convolution) = node.operation else { continue }
      let (weight, bias) = (file.tensors["\(node.name).weight"], file.tensors["\(node.name).bias"])
      #expect(weight?.shape == convolution.weightShape)
      #expect(weight?.raw?.count == 4 * convolution.weightShape.reduce(1, *))
      #expect(bias?.shape == [node.channels])
      #expect(bias?.raw?.count == 4 * node.channels)
    }
  }

  @Test func aFileNamesItsVersionsProducerInputsAndOutputs() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "model.onnx").path
      let variant = try Variant.named("dla46_c")
      let metadata = ["source": "tests", "π": "猫\n\"", "a": ""]
      let model = try ONNXModel(
        variant.graph(classes: 10, inChannels: 4), name: "猫", metadata: metadata)
      try model.write(to: path, weights: SyntheticWeights(variant))
      let file = try ONNXFile(path: path)
      #expect(file.model.numbers(1) == [8])
      #expect(try file.model.text(2) == "swift-dla")
      #expect(try file.model.text(3) == packageVersion)
      #expect(try file.model.text(6).contains("both sides multiples of 32"))
      #expect(try file.model.message(8).text(1).isEmpty)
      #expect(try file.model.message(8).numbers(2) == [17])
      #expect(try file.model.entries(14).map(\.key) == ["a", "source", "π"])
      #expect(try file.model.entries(14).map(\.value) == ["", "tests", "猫\n\""])
      #expect(try file.graph.text(2) == "猫")
      #expect(try file.values(11) == ["input [1] batch×4×height×width"])
      #expect(try file.values(12) == ["logits [1] batch×10"])
    }
  }

  @Test func aNormIsKeptWhereItsConvolutionIsReadTwice() throws {
    var graph = Graph(inChannels: 2)
    let convolution = Convolution(inChannels: 2, outChannels: 2, kernelSize: 1)
    let x = graph.append(.convolution(convolution), name: "conv", inputs: graph.input)
    let y = graph.append(.batchNorm, name: "norm", inputs: x)
    let sum = graph.append(.add, name: "sum", inputs: x, y)
    graph.logits = graph.append(.globalAveragePool, name: "pool", inputs: sum)
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "model.onnx").path
      let weights = SyntheticWeights(model: "m", shortcutNorms: [])
      try ONNXModel(graph, name: "m").write(to: path, weights: weights)
      let names = try ONNXFile(path: path).nodes.map(\.operatorName)
      #expect(names == ["Conv", "BatchNormalization", "Add", "GlobalAveragePool", "Flatten"])
    }
  }

  @Test func modelsWithoutANameOrWithOneTwiceAreRefused() throws {
    let variant = try Variant.named("dla34")
    var twice = Graph(inChannels: 1)
    for _ in 0..<2 { twice.logits = twice.append(.relu, name: "logits", inputs: twice.logits) }
    for (graph, name, message) in [
      (variant.graph(), "", "needs a name"),
      (twice, "m", "two values of the network are named logits"),
    ] {
      let error = #expect(throws: CheckpointError.self) { try ONNXModel(graph, name: name) }
      #expect(error?.code == .invalidContent)
      #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    }
  }
}
