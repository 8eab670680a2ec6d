import DLACheckpoints
import DLAGraph
import DLAModels
import Foundation
import Testing

/// The weights of a model: folding, rounding and external data.
@Suite(.serialized) struct ONNXWeightsTests {
  /// Half of the distance between neighbouring float32 numbers, relative, and a little more.
  private static let float32Rounding = 0x1.0001p-24

  @Test(arguments: ["dla46x_c", "dla60x_c", "dla34"])
  func foldedWeightsAreThoseOfFloat64RoundedOnce(name: String) throws {
    let variant = try Variant.named(name)
    let file = try exported(variant)
    let graph = variant.graph()
    let weights = SyntheticWeights(variant)
    var count = 0
    for norm in graph.nodes where norm.operation == .batchNorm {
      let convolution = graph[norm.inputs[0]]
      let vectors = norm.tensors.map { weights.read($0).map(Double.init) }
      let own = weights.read(convolution.tensors[0]).map(Double.init)
      let scale = zip(vectors[0], vectors[3]).map { $0 * (1 / ($1 + 1e-5)).squareRoot() }
      let perChannel = own.count / scale.count
      let expected = own.indices.map { own[$0] * scale[$0 / perChannel] }
      let bias = scale.indices.map { vectors[1][$0] - vectors[2][$0] * scale[$0] }
      for (suffix, values) in [("weight", expected), ("bias", bias)] {
        let found = try #require(file.tensors["\(convolution.name).\(suffix)"]).floats
        #expect(found.count == values.count)
        let isClose = zip(found, values).allSatisfy {
          abs(Double($0) - $1) <= Self.float32Rounding * abs($1) + 1e-16
        }
        #expect(isClose, "\(convolution.name).\(suffix)")
      }
      count += 1
    }
    #expect(count > 30)
    let classifier = try #require(graph.nodes.last)
    for tensor in classifier.tensors {
      #expect(file.tensors[tensor.name]?.floats == weights.read(tensor))
    }
  }

  @Test(arguments: [ONNXModel.Options.BatchNorm.fold, .keep])
  func halfPrecisionWeightsAreCastAndVectorsStay(batchNorm: ONNXModel.Options.BatchNorm) throws {
    let variant = try Variant.named("dla46x_c")
    let whole = try exported(variant) { $0.batchNorm = batchNorm }
    let file = try exported(variant) {
      $0.batchNorm = batchNorm
      $0.halfPrecision = true
    }
    #expect(file.tensorNames == whole.tensorNames)
    for (name, tensor) in whole.tensors {
      let half = try #require(file.tensors[name])
      #expect(half.shape == tensor.shape)
      guard tensor.shape.count == 4 else {
        #expect(half.type == 1 && half.raw == tensor.raw, "\(name)")
        continue
      }
      #expect(half.type == 10)
      #expect(half.raw?.count == 2 * tensor.shape.reduce(1, *))
      let isClose = zip(half.elements(UInt16.self), tensor.floats).allSatisfy { bits, float in
        let float = Double(float)
        return abs(value(ofHalf: bits) - float) <= 0x1p-11 * abs(float) + 0x1p-25
      }
      #expect(isClose, "\(name)")
    }
    let casts = file.nodes.filter { $0.operatorName == "Cast" }
    #expect(file.nodes.filter { $0.operatorName != "Cast" }.count == whole.nodes.count)
    #expect(
      casts.map(\.inputs) == file.tensorNames.filter { file.tensors[$0]?.type == 10 }.map { [$0] })
    #expect(casts.allSatisfy { $0.attributes == ["to": [1]] })
    for node in file.nodes where node.operatorName == "Conv" {
      #expect(node.inputs[1] == "\(node.name).weight.float32")
    }
  }

  /// The value of a finite float16 by its definition.
  private func value(ofHalf bits: UInt16) -> Double {
    let (exponent, fraction) = (Int(bits >> 10 & 0x1F), Double(bits & 0x3FF) / 1024)
    let magnitude =
      exponent == 0
      ? fraction * 0x1p-14
      : (1 + fraction) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
    return bits >> 15 == 0 ? magnitude : -magnitude
  }

  @Test func weightsBesideTheModelAreTheSameAndAligned() throws {
    let variant = try Variant.named("dla46_c")
    let inside = try exported(variant)
    try withTemporaryFolder { folder in
      var options = ONNXModel.Options()
      options.location = .beside
      let model = try ONNXModel(variant.graph(), name: "m", options: options)
      #expect(model.storesWeightsBeside)
      let path = folder.appending(path: "猫 model.onnx").path
      try model.write(to: path, weights: SyntheticWeights(variant))
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      #expect(names == ["猫 model.onnx", "猫 model.onnx.data"])
      let data = try Data(contentsOf: URL(fileURLWithPath: path + ".data"))
      let file = try ONNXFile(path: path)
      #expect(file.tensorNames == inside.tensorNames)
      #expect(file.nodes == inside.nodes)
      var end = 0
      for name in file.tensorNames {
        let tensor = try #require(file.tensors[name])
        #expect(tensor.raw == nil)
        #expect(tensor.external.map(\.key) == ["location", "offset", "length"])
        #expect(tensor.external[0].value == "猫 model.onnx.data")
        let offset = try #require(Int(tensor.external[1].value))
        let length = try #require(Int(tensor.external[2].value))
        #expect(offset % 4096 == 0 && offset >= end && offset - end < 4096)
        end = offset + length
        try #require(end <= data.count)
        #expect(data[offset..<end] == inside.tensors[name]?.raw, "\(name)")
      }
      #expect(end == data.count)
    }
  }

  @Test func smallConstantsStayInTheModel() throws {
    let file = try exported(try Variant.named("dla60_res2next")) { $0.location = .beside }
    let constants = file.tensors.values.filter { $0.type == 7 }
    #expect(constants.count == 3 * file.nodes.filter { $0.operatorName == "Slice" }.count)
    #expect(
      !constants.isEmpty && constants.allSatisfy { $0.raw?.count == 8 && $0.external.isEmpty })
  }

  @Test func weightsThatAMessageCannotHoldGoBeside() throws {
    var graph = Graph(inChannels: 1 << 15)
    let convolution = Convolution(inChannels: 1 << 15, outChannels: 1 << 14, kernelSize: 1)
    let x = graph.append(.globalAveragePool, name: "pool", inputs: graph.input)
    graph.logits = graph.append(.convolution(convolution), name: "fc", inputs: x)
    #expect(try ONNXModel(graph, name: "m").storesWeightsBeside)
    var options = ONNXModel.Options()
    options.halfPrecision = true
    #expect(try !ONNXModel(graph, name: "m", options: options).storesWeightsBeside)
    options = ONNXModel.Options()
    options.location = .inside
    let error = #expect(throws: CheckpointError.self) {
      try ONNXModel(graph, name: "m", options: options)
    }
    #expect(error?.code == .invalidContent)
    #expect(error?.message.contains("at most 2147483647") == true, "\(String(describing: error))")
  }
}
