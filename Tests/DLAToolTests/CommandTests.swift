import DLACheckpoints
import DLAGraph
import DLAModels
import DLATensor
import Foundation
import Testing
import _DLATestSupport

struct CommandTests {
  @Test func classifyUsesTheBuiltInModel() throws {
    let run = try ToolRun("classify", "--top", "2", images)
    #expect(run.status == 0)
    #expect(run.errors.isEmpty)
    #expect(run.output.hasPrefix("Using the built-in CIFAR-10 model (dla46_c); pass --weights"))
    #expect(run.output.contains("horse.png\n  68."))
  }

  @Test func classifyPrintsOneJSONObjectALine() throws {
    let rows = try ToolRun("classify", "--json", "--top", "3", images).jsonLines()
    #expect(rows.count == 3)
    for row in rows {
      #expect(Set(row.keys) == ["file", "predictions"])
      let predictions = try #require(row["predictions"] as? [[String: Any]])
      #expect(predictions.count == 3)
      #expect(Set(predictions[0].keys) == ["index", "label", "probability"])
      let probabilities = predictions.compactMap { $0["probability"] as? Double }
      #expect(probabilities == probabilities.sorted(by: >))
    }
  }

  /// The same predictions in the same order, with an unreadable file among the images.
  @Test func classifyDoesNotDependOnTheStreams() throws {
    let paths = ["airplane.jpg", "CREDITS.md", "horse.png", "cat.jpg", "cat.jpg", "airplane.jpg"]
      .map { "\(images)/\($0)" }
    let options = ["classify", "--json", "--batch-size", "1", "--threads", "3", "--streams"]
    let one = try ToolRun(options + ["1"] + paths)
    let three = try ToolRun(options + ["3"] + paths)
    #expect(try one.jsonLines().compactMap { $0["file"] as? String } == paths)
    try Self.expectEqualPredictions(three, one)
    #expect(three.status == 1 && three.errors == one.errors)
  }

  @Test func classifyReadsStandardInput() throws {
    let image = try Data(contentsOf: URL(filePath: "\(images)/cat.jpg"))
    let piped = try ToolRun("classify", "--json", "-", input: image).jsonLines()
    let named = try ToolRun("classify", "--json", "\(images)/cat.jpg").jsonLines()
    #expect(piped.first?["file"] as? String == "-")
    func probabilities(_ rows: [[String: Any]]) -> [Double] {
      (rows.first?["predictions"] as? [[String: Any]] ?? []).compactMap {
        $0["probability"] as? Double
      }
    }
    #expect(probabilities(piped).count == 5)
    #expect(probabilities(piped) == probabilities(named))
  }

  /// The same predictions for every batch size, in the order of the arguments.
  @Test(arguments: ["1", "2", "3", "7"])
  func classifyDoesNotDependOnTheBatchSize(size: String) throws {
    let paths = ["airplane.jpg", "cat.jpg", "horse.png", "cat.jpg"].map { "\(images)/\($0)" }
    let run = try ToolRun(["classify", "--json", "--batch-size", size] + paths)
    let rows = try run.jsonLines()
    #expect(rows.compactMap { $0["file"] as? String } == paths)
    let single = try ToolRun(["classify", "--json", "--batch-size", "1"] + paths)
    try Self.expectEqualPredictions(run, single)
  }

  /// The same files, errors and classes; probabilities may differ by rounding, since plans for other
  /// batch sizes and thread counts may use other algorithms.
  private static func expectEqualPredictions(_ run: ToolRun, _ other: ToolRun) throws {
    let (rows, expected) = (try run.jsonLines(), try other.jsonLines())
    try #require(rows.count == expected.count)
    for (row, expected) in zip(rows, expected) {
      #expect(row["file"] as? String == expected["file"] as? String)
      #expect((row["error"] == nil) == (expected["error"] == nil))
      func predictions(_ row: [String: Any]) -> [[String: Any]] {
        row["predictions"] as? [[String: Any]] ?? []
      }
      try #require(predictions(row).count == predictions(expected).count)
      for (prediction, expected) in zip(predictions(row), predictions(expected)) {
        #expect(try #require(prediction["index"] as? Int) == expected["index"] as? Int)
        let probability = try #require(prediction["probability"] as? Double)
        #expect(abs(probability - (expected["probability"] as? Double ?? -1)) < 1e-5)
      }
    }
  }

  @Test func anUnreadableImageIsOneLine() throws {
    let folder = try TemporaryFolder()
    try Data("not an image".utf8).write(to: URL(filePath: folder.path("text.jpg")))
    let run = try ToolRun(
      "classify", "--json", folder.path("text.jpg"), "\(images)/cat.jpg", folder.path("none"))
    #expect(run.status == 1)
    #expect(run.errorLines.count == 2)
    let rows = try run.jsonLines()
    try #require(rows.count == 3)
    #expect(rows[0]["error"] != nil && rows[1]["predictions"] != nil && rows[2]["error"] != nil)
  }

  @Test func labelsOfAnotherCountAreAnError() throws {
    let folder = try TemporaryFolder()
    try Data("cat\ndog\n".utf8).write(to: URL(filePath: folder.path("labels.txt")))
    let run = try ToolRun("classify", "--labels", folder.path("labels.txt"), images)
    #expect(run.status == 1)
    #expect(run.errorLines.count == 1)
    #expect(run.errors.contains("2 labels") && run.errors.contains("10 classes"))
  }

  @Test func preprocessWritesPixelsAndInput() throws {
    let folder = try TemporaryFolder()
    let output = folder.path("out.safetensors")
    let run = try ToolRun("preprocess", images, "--preset", "paddle", "--output", output)
    #expect(run.status == 0)
    let file = try CheckpointFile(path: output)
    #expect(file.entries.count == 6)
    #expect(file.entry(named: "cat.jpg/pixels")?.shape == [224, 224, 3])
    #expect(file.entry(named: "cat.jpg/pixels")?.dataType == .uint8)
    let input = try file.tensor(named: "cat.jpg/input")
    #expect(input.shape == [3, 224, 224])
    try file.withBytes(named: "cat.jpg/pixels") { pixels in
      let expected = (Float(pixels[0]) / 255 - 0.485) / 0.229
      #expect(abs(input.elements[0] - expected) < 1e-6)
    }
  }

  @Test func runGivesTheReferenceLogitsAndLevels() throws {
    let folder = try TemporaryFolder()
    let model = "dla46x_c"
    try writeSyntheticWeights(model, to: folder.path("weights.safetensors"))
    var random = KeyedRandom(key: "input/224")
    let elements = (0..<2 * 3 * 224 * 224).map { _ in Float(2 * random.nextUniform()) }
    let input = Tensor(shape: [2, 3, 224, 224], elements: elements)
    try SafetensorsWriter.write([("input", input)], to: folder.path("input.safetensors"))

    let run = try ToolRun(
      "run", "--model", "DLA46x_c", "--weights", folder.path("weights.safetensors"), "--input",
      folder.path("input.safetensors"), "--output", folder.path("out.safetensors"), "--features")
    #expect(run.status == 0, "\(run.errors)")
    let output = try CheckpointFile(path: folder.path("out.safetensors"))
    let logits = try output.tensor(named: "logits")
    #expect(logits.shape == [2, 1000])
    #expect(try output.tensor(named: "level5").shape == [2, 256, 7, 7])
    let reference = try CheckpointFile(
      path: Fixtures.folder.appending(path: "expected-inference/\(model).safetensors").path
    ).floats(named: "224/logits").map(Double.init)
    for row in [0..<1000, 1000..<2000] {
      #expect(relativeError(logits.elements[row], reference[row]) < 1e-5)
    }
  }

  @Test func runRefusesWeightsOfAnotherModel() throws {
    let folder = try TemporaryFolder()
    let tensor = Tensor(zeros: [1000, 512, 1, 1])
    try SafetensorsWriter.write([("fc.weight", tensor)], to: folder.path("w.safetensors"))
    let run = try ToolRun(
      "run", "--model", "dla34", "--weights", folder.path("w.safetensors"), "--input", "none",
      "--output", folder.path("out.safetensors"))
    #expect(run.status == 1)
    #expect(run.errorLines.count == 1)
    #expect(run.errors.contains("base_layer.0.weight"))
    #expect(!FileManager.default.fileExists(atPath: folder.path("out.safetensors")))
  }

  @Test func modelsPrintsEveryNetworkAsJSON() throws {
    let rows = try #require(try ToolRun("models", "--json").json() as? [[String: Any]])
    #expect(rows.compactMap { $0["model"] as? String } == Variant.all.map(\.name))
    #expect(rows[0]["parameters"] as? Int == 15_742_104)
  }

  @Test(arguments: Variant.all.map(\.name))
  func treesNameEveryRoot(model: String) throws {
    let drawing = try ToolRun("models", "--tree", model).output
    let graph = try Variant.named(model).graph()
    for node in graph.nodes where node.name.hasSuffix(".root.conv") {
      #expect(drawing.contains(node.name.dropLast(".conv".count) + "  1×1"))
    }
  }

  @Test func benchmarkPrintsTheFieldsOfItsRows() throws {
    let run = try ToolRun(
      "benchmark", "--model", "dla46_c", "--batch-size", "1,2", "--image-size", "64", "--seconds",
      "0.05", "--threads", "1", "--json")
    #expect(run.status == 0, "\(run.errors)")
    let rows = try #require(try run.json() as? [[String: Any]])
    try #require(rows.count == 2)
    #expect(
      Set(rows[0].keys) == [
        "model", "device", "training", "batch_size", "image_size", "precision", "isa", "threads",
        "streams",
        "best_ms",
        "median_ms", "images_per_second", "arena_bytes", "runs",
      ])
    #expect(rows[1]["batch_size"] as? Int == 2)
    #expect(rows[1]["streams"] as? Int == 1)
    // The throughput of one stream follows from its median.
    let median = try #require(rows[1]["median_ms"] as? Double)
    let rate = try #require(rows[1]["images_per_second"] as? Double)
    #expect(abs(rate * median / 2000 - 1) < 1e-6)
  }

  @Test func benchmarkMeasuresATrainingStep() throws {
    let run = try ToolRun(
      "benchmark", "--train", "--model", "dla46_c", "--batch-size", "2", "--image-size", "32",
      "--seconds", "0.05", "--threads", "2", "--json")
    #expect(run.status == 0, "\(run.errors)")
    let row = try #require((try run.json() as? [[String: Any]])?.first)
    #expect(row["training"] as? Bool == true && row["runs"] as? Int ?? 0 >= 5)
  }

  @Test func benchmarkProfilesATrainingStep() throws {
    let run = try ToolRun(
      "benchmark", "--train", "--profile", "--model", "dla46_c", "--batch-size", "2",
      "--image-size", "32", "--seconds", "0.05", "--threads", "2")
    #expect(run.status == 0, "\(run.errors)")
    let parts = run.output.split(separator: "\n").suffix(8)
    #expect(parts.first?.hasPrefix("packing of weights") == true)
    #expect(parts.dropLast().allSatisfy { $0.hasSuffix(" %") && !$0.contains(" 0.0 %") })
    #expect(parts.last?.hasPrefix("all ") == true)
  }

  /// Three threads do not divide by two streams: one is unused.
  @Test func benchmarkRunsStreamsConcurrently() throws {
    let run = try ToolRun(
      "benchmark", "--model", "dla46_c", "--batch-size", "2", "--image-size", "64", "--seconds",
      "0.2", "--threads", "3", "--streams", "2", "--json")
    #expect(run.status == 0, "\(run.errors)")
    let row = try #require((try run.json() as? [[String: Any]])?.first)
    #expect(row["streams"] as? Int == 2)
    #expect(row["threads"] as? Int == 2)
    #expect(try #require(row["runs"] as? Int) >= 10)
    let best = try #require(row["best_ms"] as? Double)
    let median = try #require(row["median_ms"] as? Double)
    let rate = try #require(row["images_per_second"] as? Double)
    #expect(best <= median)
    #expect(rate > 0 && rate <= 2 * 2000 / best * (1 + 1e-6))
  }

  @Test func packedWeightsAreCachedUnlessTurnedOff() throws {
    let folder = try TemporaryFolder()
    let variant = try Variant.named("dla46_c")
    let weights = SyntheticWeights(variant)
    let tensors = variant.graph().tensors.map {
      (name: $0.name, tensor: Tensor(shape: $0.shape, elements: weights.read($0)))
    }
    let path = folder.path("weights.safetensors")
    try SafetensorsWriter.write(tensors, to: path)
    let (arguments, cache) = (["classify", "--weights", path, images], folder.path("cache"))
    let off = try ToolRun(arguments)
    #expect(off.status == 0, "\(off.errors)")
    #expect(try ToolRun("info").output.contains("packed weights cache  no\n"))
    for _ in 0..<2 { #expect(try ToolRun(arguments, cache: cache).output == off.output) }
    let info = try ToolRun("info", cache: cache).output
    #expect(info.contains("\(cache)/packed") && info.contains("in 1 file\n"))
    let unusable = try ToolRun(arguments, cache: path)
    #expect(unusable.output == off.output && unusable.errors.isEmpty && unusable.status == 0)
  }

  @Test func nonFiniteOutputsAreReported() throws {
    let folder = try TemporaryFolder()
    try writeSyntheticWeights("dla46x_c", classes: 10, to: folder.path("w.safetensors"))
    var input = Tensor(zeros: [1, 3, 32, 32])
    input.elements[0] = .nan
    try SafetensorsWriter.write([("input", input)], to: folder.path("x.safetensors"))
    let run = try ToolRun(
      "run", "--weights", folder.path("w.safetensors"), "--input", folder.path("x.safetensors"),
      "--output", folder.path("y.safetensors"))
    #expect(run.status == 1 && run.errorLines.count == 1)
    #expect(run.errors.hasPrefix("dla: logits: 10 of 10 elements are NaN or infinite\n"))
  }

  /// Networks of one input channel, and class names in the metadata.
  @Test func infoShowsOtherWeights() throws {
    let folder = try TemporaryFolder()
    let variant = try Variant.named("dla46_c")
    let names = (0..<40).map { "class \($0)" }
    let weights = SyntheticWeights(variant)
    let tensors = variant.graph(classes: 40, inChannels: 1).tensors.map {
      (name: $0.name, tensor: Tensor(shape: $0.shape, elements: weights.read($0)))
    }
    let path = folder.path("w.safetensors")
    try SafetensorsWriter.write(
      tensors, metadata: ["classes": names.joined(separator: "\n")], to: path)
    let run = try ToolRun("info", "--weights", path, "--profile", "--image-size", "32")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("1×1×32×32") && run.output.contains("GFLOP/s"))
    #expect(run.output.contains("  class 0, class 1, ") && run.output.contains("… (40)\n"))
    #expect(!run.output.contains("\\u{"))
  }

  @Test func infoShowsArenaAndAlgorithms() throws {
    let run = try ToolRun("info", "--model", "dla46x_c", "--plan")
    #expect(run.status == 0)
    #expect(run.output.contains("arena") && run.output.contains("packed weights"))
    #expect(run.output.contains("grouped: one group") && run.output.contains("winograd4"))
  }

  @Test func tunedPlansShowAndCacheTimes() throws {
    let folder = try TemporaryFolder()
    let arguments = ["info", "--model", "dla46_c", "--image-size", "64", "--plan", "--tune"]
    let cache = folder.path("cache")
    let on = try ToolRun(arguments + ["on"], cache: cache)
    #expect(on.status == 0 && on.errors.isEmpty)
    #expect(on.output.contains("µs measured") && on.output.contains("\(cache)/tuning"))
    #expect(try ToolRun(arguments + ["on"], cache: cache).output == on.output)
    let off = try ToolRun(arguments + ["off"], cache: cache).output
    #expect(!off.contains("measured"))
    #expect(off == (try ToolRun(arguments.dropLast(), cache: cache).output))
  }
}
