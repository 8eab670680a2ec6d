import DLACheckpoints
import DLACore
import Testing

private let folder = shared("interop/timm.safetensors")

/// Files as they are on the Hugging Face hub, with the weights of `SyntheticWeights`.
@Suite(.enabled(if: folder != nil, "needs ../shared/fixtures beside the checkout"))
struct ReferenceFileTests {
  private func file(_ name: String) throws -> SafetensorsFile {
    try SafetensorsFile(path: #require(shared("interop/\(name).safetensors")))
  }

  /// The floating-point tensors of a file as a graph would ask for them.
  private func specifications(of file: SafetensorsFile) throws -> [TensorSpecification] {
    try file.entries.filter { $0.dataType != .int64 }.map { entry in
      let node = String(entry.name[..<(entry.name.lastIndex(of: ".") ?? entry.name.endIndex)])
      var graph = Graph(inputChannels: entry.shape.last ?? 1)
      if entry.shape.count == 4 {
        graph = Graph(inputChannels: entry.shape[1])
        let operation = Convolution(from: entry.shape[1], to: entry.shape[0], side: entry.shape[2])
        graph.logits = graph.append(.convolution(operation), name: node, inputs: graph.input)
      } else {
        graph.logits = graph.append(.batchNorm, name: node, inputs: graph.input)
      }
      return try #require(graph.tensors.first { $0.name == entry.name && $0.shape == entry.shape })
    }
  }

  @Test func syntheticWeightsEqualTheRecordedOnes() throws {
    let file = try file("timm")
    let weights = try CheckpointWeights(file: file, tensors: specifications(of: file))
    let synthetic = SyntheticWeights(model: "dla46x_c")
    let tensors = try specifications(of: file)
    #expect(tensors.count == 242)
    for tensor in tensors {
      #expect(try weights.read(tensor) == synthetic.read(tensor), "\(tensor.name)")
    }
  }

  /// The half of a unit in the last place, relative, and the half of the smallest subnormal.
  @Test(arguments: [("timm-fp16", 0x1p-11, 0x1p-25), ("timm-bf16", 0x1p-8, 0)])
  func halfPrecisionFilesEqualThemWithinRounding(
    name: String, relative: Double, absolute: Double
  ) throws {
    let file = try file(name)
    let weights = try CheckpointWeights(file: file, tensors: specifications(of: file))
    let synthetic = SyntheticWeights(model: "dla46x_c")
    for tensor in try specifications(of: file) {
      let pairs = zip(try weights.read(tensor), synthetic.read(tensor))
      let isClose = pairs.allSatisfy { found, expected in
        abs(Double(found) - Double(expected)) <= relative * abs(Double(expected)) + absolute
      }
      #expect(isClose, "\(tensor.name)")
    }
  }

  @Test func float64ReferencesAreRead() throws {
    let file = try SafetensorsFile(path: #require(shared("expected-inference.safetensors")))
    #expect(try file.tensor(named: "dla34/224/logits").shape == [2, 1000])
  }
}
