import DLACheckpoints
import DLAGraph
import DLATensor
import Foundation
import Testing

/// Files as they are on the Hugging Face hub, with the weights of `SyntheticWeights`.
///
/// A few tensors of each file are recorded with the tests; the whole files are read as well where
/// they lie beside the checkout.
@Suite struct ReferenceFileTests {
  private func files(_ name: String, whole: String) throws -> [CheckpointFile] {
    try ([recorded(name)] + [shared("interop/\(whole).safetensors")].compactMap(\.self))
      .map { try CheckpointFile(path: $0) }
  }

  /// The floating-point tensors of a file as a graph would ask for them.
  private func specifications(of file: CheckpointFile) throws -> [TensorSpecification] {
    try file.entries.filter { $0.dataType != .int64 }.map { entry in
      let node = String(entry.name[..<(entry.name.lastIndex(of: ".") ?? entry.name.endIndex)])
      var graph = Graph(inChannels: entry.shape.last ?? 1)
      if entry.shape.count == 4 {
        graph = Graph(inChannels: entry.shape[1])
        let operation = Convolution(
          inChannels: entry.shape[1], outChannels: entry.shape[0], kernelSize: entry.shape[2])
        graph.logits = graph.append(.convolution(operation), name: node, inputs: graph.input)
      } else {
        graph.logits = graph.append(.batchNorm, name: node, inputs: graph.input)
      }
      return try #require(graph.tensors.first { $0.name == entry.name && $0.shape == entry.shape })
    }
  }

  @Test func syntheticWeightsEqualTheRecordedOnes() throws {
    for (file, count) in zip(try files("dla46x_c", whole: "timm"), [6, 242]) {
      let tensors = try specifications(of: file)
      let weights = try CheckpointWeights(file.parts[0], tensors: tensors)
      let synthetic = SyntheticWeights(model: "dla46x_c", shortcutNorms: [".bn3.weight"])
      #expect(tensors.count == count)
      for tensor in tensors {
        #expect(try weights.read(tensor) == synthetic.read(tensor), "\(tensor.name)")
      }
    }
  }

  /// Half a unit in the last place, relative, and half of the smallest subnormal number.
  @Test(arguments: [("fp16", 0x1p-11, 0x1p-25), ("bf16", 0x1p-8, 0)])
  func halfPrecisionFilesEqualThemWithinRounding(
    type: String, relative: Double, absolute: Double
  ) throws {
    for file in try files("dla46x_c-\(type)", whole: "timm-\(type)") {
      let tensors = try specifications(of: file)
      let weights = try CheckpointWeights(file.parts[0], tensors: tensors)
      let synthetic = SyntheticWeights(model: "dla46x_c", shortcutNorms: [".bn3.weight"])
      for tensor in tensors {
        let pairs = zip(try weights.read(tensor), synthetic.read(tensor))
        let isClose = pairs.allSatisfy { found, expected in
          abs(Double(found) - Double(expected)) <= relative * abs(Double(expected)) + absolute
        }
        #expect(isClose, "\(file.name): \(tensor.name)")
      }
    }
  }

  @Test func aWholeFileIsCopiedToTheByte() throws {
    for file in try files("dla46x_c", whole: "timm") {
      try withTemporaryFolder { folder in
        let path = folder.appending(path: "copy").path
        let items = file.entries.map {
          SafetensorsWriter.Item(name: $0.name, dataType: $0.dataType, shape: $0.shape)
        }
        let writer = try SafetensorsWriter(items: items, metadata: file.metadata)
        try writer.write(to: path) { item, sink in
          try file.withBytes(named: item.name) { bytes throws(CheckpointError) in
            try sink.append(bytes: bytes)
          }
        }
        #expect(FileManager.default.contentsEqual(atPath: path, andPath: file.name))
      }
    }
  }
}
