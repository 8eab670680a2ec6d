import DLACheckpoints
import DLAModels
import DLATensor
import Foundation
import Testing
import _DLATestSupport

struct ConvertCommandTests {
  private let folder: TemporaryFolder
  private let weights: String
  private let model = "dla46x_c"

  init() throws {
    folder = try TemporaryFolder()
    weights = folder.path("weights.safetensors")
    try writeSyntheticWeights(model, to: weights)
  }

  @Test func safetensorsKeepEveryBit() throws {
    let output = folder.path("copy.safetensors")
    let run = try ToolRun("convert", weights, output)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("dla46x_c, 1000 classes"))
    let (source, copy) = (try CheckpointFile(path: weights), try CheckpointFile(path: output))
    #expect(source.entries.map(\.name) == copy.entries.map(\.name))
    for entry in source.entries {
      let bytes = try copy.withBytes(named: entry.name) { Array($0) }
      #expect(try source.withBytes(named: entry.name) { Array($0) } == bytes, "\(entry.name)")
    }
    #expect(copy.metadata == ["format": "pt", "model": model])
    // Once more is the same file.
    #expect(try ToolRun("convert", output, folder.path("again.safetensors")).status == 0)
    #expect(
      FileManager.default.contentsEqual(atPath: output, andPath: folder.path("again.safetensors")))
  }

  @Test func halfIsRoundedToNearest() throws {
    let output = folder.path("half.safetensors")
    #expect(try ToolRun("convert", "--half", weights, output).status == 0)
    let (source, half) = (try CheckpointFile(path: weights), try CheckpointFile(path: output))
    #expect(half.entries.allSatisfy { $0.dataType == .float16 })
    for entry in source.entries {
      let pairs = zip(try half.floats(named: entry.name), try source.floats(named: entry.name))
      #expect(pairs.allSatisfy { abs($0 - $1) <= 0x1p-11 * abs($1) + 0x1p-25 }, "\(entry.name)")
    }
  }

  @Test func aHeadIsKeptOrReplaced() throws {
    let output = folder.path("ten.safetensors")
    let refused = try ToolRun("convert", "--classes", "10", weights, output)
    #expect(refused.status == 1)
    #expect(refused.errorLines.count == 1)
    #expect(refused.errors.contains("has 1000 classes, the model expects 10"))
    #expect(refused.errors.contains("leave out --classes"), "\(refused.errors)")
    #expect(refused.errors.contains("--new-head"), "\(refused.errors)")
    #expect(!FileManager.default.fileExists(atPath: output))

    #expect(try ToolRun("convert", "--classes", "10", "--new-head", weights, output).status == 0)
    let (source, file) = (try CheckpointFile(path: weights), try CheckpointFile(path: output))
    #expect(file.entry(named: "fc.weight")?.shape == [10, 256, 1, 1])
    let head = try file.floats(named: "fc.weight")
    // Uniform within a sixteenth: 1/√256.
    #expect(head.allSatisfy { abs($0) <= 0.0625 } && head.contains { abs($0) > 0.06 })
    let mean: Float = head.reduce(0, +) / Float(head.count)
    #expect(abs(mean) < 0.005)
    let body = "level5.root.conv.weight"
    #expect(try file.floats(named: body) == source.floats(named: body))
  }

  @Test func aReplacedHeadMayBeMissing() throws {
    let source = try CheckpointFile(path: weights)
    let body = source.entries.filter { !$0.name.hasPrefix("fc.") }
    let tensors = try body.map { ($0.name, try source.tensor(named: $0.name)) }
    let sequential = [("fc.1.weight", Tensor(zeros: [7, 256])), ("fc.1.bias", Tensor(zeros: [7]))]
    for (index, (head, words)) in [
      ([], "holds a dla46x_c without a classifier; dla convert --new-head"),
      (sequential, "the classifier is fc.1"),
    ].enumerated() {
      let input = folder.path("body\(index)")
      let output = folder.path("new\(index).safetensors")
      try SafetensorsWriter.write(tensors + head, to: input)
      let kept = try ToolRun("convert", input, output)
      #expect(kept.status == (head.isEmpty ? 1 : 0))
      #expect(kept.errors.contains(words), "\(kept.errors)")
      let run = try ToolRun("convert", "--classes", "1", "--new-head", input, output)
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.output == "\(output)  dla46x_c, 1 class\n")
      #expect(try CheckpointFile(path: output).entry(named: "fc.weight")?.shape == [1, 256, 1, 1])
    }
  }

  /// Counters of batch norms are kept, other tensors of that name are not.
  @Test func invalidCountersAreDropped() throws {
    let source = try CheckpointFile(path: weights)
    let tensors = try source.entries.map { ($0.name, try source.tensor(named: $0.name)) }
    let items = tensors.map { SafetensorsWriter.Item(name: $0.0, shape: $0.1.shape) }
    let counters = [("base_layer.1", [Int]()), ("level0.1", [2]), ("x", [])].map {
      SafetensorsWriter.Item(name: "\($0.0).num_batches_tracked", dataType: .int64, shape: $0.1)
    }
    let input = folder.path("counters")
    let output = folder.path("kept.safetensors")
    let values = Dictionary(uniqueKeysWithValues: tensors)
    try SafetensorsWriter(items: items + counters).write(to: input) { item, sink in
      if let tensor = values[item.name] { return try sink.append(tensor.elements) }
      let count = item.shape.reduce(1, *)
      try Array(repeating: Int64(77), count: count).withUnsafeBytes { try sink.append(bytes: $0) }
    }
    #expect(try ToolRun("convert", input, output).status == 0)
    let kept = try CheckpointFile(path: output).entries.filter { $0.dataType == .int64 }
    #expect(kept.map(\.name) == ["base_layer.1.num_batches_tracked"])
    let bytes = try CheckpointFile(path: output)
      .withBytes(named: "base_layer.1.num_batches_tracked") { Array($0) }
    #expect(bytes == [77, 0, 0, 0, 0, 0, 0, 0])
  }

  @Test func externalDataDoNotReplaceTheirSource() throws {
    let source = folder.path("m.onnx.data")
    try FileManager.default.copyItem(atPath: weights, toPath: source)
    let run = try ToolRun("convert", "--external-data", source, folder.path("m.onnx"))
    #expect(run.status == 64 && run.errors.contains("would be replaced"))
    #expect(FileManager.default.contentsEqual(atPath: source, andPath: weights))
  }

  @Test func aDescriptionNeedsNoWeights() throws {
    let (first, second) = (folder.path("a.json"), folder.path("b.json"))
    #expect(try ToolRun("convert", weights, first).status == 0)
    #expect(try ToolRun("convert", second, "--model", "DLA46x_c").status == 0)
    #expect(FileManager.default.contentsEqual(atPath: first, andPath: second))
  }

  @Test func aDescriptionHoldsTheGraph() throws {
    let output = folder.path("net.json")
    #expect(try ToolRun("convert", weights, output).status == 0)
    let data = try Data(contentsOf: URL(filePath: output))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let nodes = try #require(object["nodes"] as? [[String: Any]])
    let graph = try Variant.named(model).graph()
    #expect(nodes.map { $0["name"] as? String } == graph.nodes.map(\.name))
    #expect(nodes.count { $0["operation"] as? String == "convolution" } == 49)
    #expect(object["logits"] as? String == "fc")
  }

  @Test func onnxIsWrittenAndRefusedAsWeights() throws {
    let output = folder.path("net.onnx")
    #expect(try ToolRun("convert", weights, output, "--external-data").status == 0)
    #expect(FileManager.default.fileExists(atPath: output + ".data"))
    #expect(try ToolRun("convert", weights, output).status == 0)
    for command in ["classify", "info", "benchmark"] {
      let paths = command == "classify" ? ["\(images)/cat.jpg"] : []
      let run = try ToolRun([command, "--weights", output] + paths)
      #expect(run.status == 1)
      #expect(run.errorLines.count == 1)
      #expect(run.errors.contains("ONNX model, which can be written but not read"))
    }
  }

  @Test func failedConversionsLeaveNoFile() throws {
    let page = folder.path("page.pth")
    try Data("<!DOCTYPE html><html>404</html>".utf8).write(to: URL(filePath: page))
    let cases = [
      ([page, folder.path("a.safetensors")], 1, "HTML page"),
      ([weights, weights], 64, "would be replaced"),
      ([folder.path("gone"), folder.path("a.onnx")], 1, "cannot be opened"),
      ([weights, folder.path("no/folder.onnx")], 1, "cannot be written"),
      (
        ["--model", "dla34", weights, folder.path("a.onnx")], 1, "weights of dla46x_c, not of dla34"
      ),
      ([folder.path("a.onnx"), "--model", "dla34"], 64, "dla pull dla34"),
    ]
    let before = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
    for (arguments, status, message) in cases {
      let run = try ToolRun(["convert"] + arguments)
      #expect(run.status == Int32(status), "\(arguments)")
      #expect(run.errorLines.count == 1)
      #expect(run.errors.contains(message), "\(run.errors)")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == before)
  }

  @Test func infoShowsTheContentsOfAFile() throws {
    let run = try ToolRun("info", "--weights", weights)
    #expect(run.status == 0)
    for text in ["safetensors", "242, 1079320 F32", "dla46x_c, 1000 classes"] {
      #expect(run.output.contains(text), "\(run.output)")
    }
  }

  /// Complete networks saved by PyTorch and Paddle, if those files are beside the checkout.
  @Test func checkpointsOfOtherFrameworksGiveTheReferenceLogits() throws {
    guard let shared = Fixtures.shared?.appending(path: "interop") else { return }
    let names = try FileManager.default.contentsOfDirectory(atPath: shared.path)
    #expect(names.count == 8)
    var random = KeyedRandom(key: "input/224")
    let input = Tensor(
      shape: [2, 3, 224, 224],
      elements: (0..<2 * 3 * 224 * 224).map { _ in Float(2 * random.nextUniform()) })
    try SafetensorsWriter.write([("input", input)], to: folder.path("input"))
    let reference = try CheckpointFile(
      path: Fixtures.folder.appending(path: "expected-inference/\(model).safetensors").path
    ).floats(named: "224/logits").map(Double.init)
    for name in names {
      let run = try ToolRun(
        "run", "--weights", shared.appending(path: name).path, "--input", folder.path("input"),
        "--output", folder.path("output"))
      #expect(run.status == 0, "\(name): \(run.errors)")
      let logits = try CheckpointFile(path: folder.path("output")).floats(named: "logits")
      let isHalf = name.contains("16")
      #expect(relativeError(logits, reference) < (isHalf ? 2e-2 : 1e-5), "\(name)")
    }
  }
}
