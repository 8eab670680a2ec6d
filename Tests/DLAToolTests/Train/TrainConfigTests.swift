import DLATraining
import DeepLayerAggregation
import Foundation
import Testing
import _DLATestSupport

struct TrainConfigTests {
  private let images: TrainingImages
  private let recipe: String

  /// Lists of the images, and a PaddleClas configuration that names them.
  init() throws {
    images = try TrainingImages()
    for (name, count) in [
      ("train", TrainingImages.perClass.train), ("val", TrainingImages.perClass.val),
    ] {
      // Lists have spaces between path and label, so names have none.
      let lines = (0..<3).flatMap { label in
        (0..<count).map { "\(name)/\(label)-\($0).png \(label)\n" }
      }
      for label in 0..<3 {
        for number in 0..<count {
          let path = "data/\(name)/\(TrainingImages.classes[label])/\(number).png"
          try images.folder.write(images.bytes(path), to: "listed/\(name)/\(label)-\(number).png")
        }
      }
      try images.folder.write(lines.joined(), to: "\(name).txt")
    }
    let folder = images.folder.url.path
    let text = try String(
      contentsOf: Fixtures.folder.appending(path: "train-recipe.yaml"), encoding: .utf8)
    recipe = try images.folder.write(text.replacing("FOLDER", with: folder), to: "recipe.yaml")
  }

  private func run(_ more: String...) throws -> ToolRun {
    try ToolRun(["train", "--config", recipe, "-o", "Global.epochs=4", "--threads", "2"] + more)
  }

  @Test func aRecipeTrainsFromItsLists() throws {
    let run = try run("-o", "DataLoader.Train.sampler.batch_size=8")
    #expect(run.status == 0, "\(run.errors)")
    // The device, and a setting without effect.
    #expect(run.warnings.count == 2 && run.errors.contains("num_workers"), "\(run.errors)")
    let log = try String(decoding: images.bytes("out/metrics.jsonl"), as: UTF8.self)
      .split(separator: "\n")
    let epochs = log.filter { $0.contains("\"kind\":\"epoch\"") }
    #expect(epochs.map { $0.contains("\"validation\"") } == [false, true, false, true])
    #expect(log.count - 4 == 4 * 6 / 3)
    // The preprocessing of the configuration is stored in the weights.
    let file = try CheckpointFile(path: images.folder.path("out/best.safetensors"))
    let preset = try #require(WeightsDescription(of: file).preset)
    #expect(preset.convention == .opencv && preset.resizeShort == 36 && preset.crop == 32)
    #expect(preset.mean == [0.5, 0.5, 0.5])
  }

  /// Options override the file; the path of weights may lack its extension.
  @Test func optionsOverrideTheFile() throws {
    let start = images.folder.path("start.pdparams")
    try writeSyntheticWeights("dla46_c", classes: 3, to: start)
    let output = images.folder.path("other")
    let run = try run(
      "-o", "Global.pretrained_model=\(start.dropLast(".pdparams".count))", "--data",
      images.data, "--batch-size", "16", "--epochs", "1", "--output", output)
    #expect(run.status == 0, "\(run.errors)")
    let log = try String(decoding: images.bytes("other/metrics.jsonl"), as: UTF8.self)
    #expect(log.contains("\"kind\":\"epoch\",\"epoch\":1,\"step\":3,"), "\(log)")
  }

  @Test(arguments: [
    ("Global.epocs=3", "\"epocs\" is not known; did you mean epochs"),
    ("Optimizer.lr.name=Cyclic", "Cyclic, which is not supported"),
    ("DataLoader.Train.sampler.batch_size=0", "from 1 to 65536"),
    ("Global.pretrained_model=nowhere", "nowhere.pdparams: cannot be opened"),
  ])
  func unsupportedSettingsAreOneLine(option: String, words: String) throws {
    let run = try run("-o", option, "--output", images.folder.path("none"))
    #expect(run.status == 1)
    #expect(run.errorLines.last?.contains(words) == true, "\(run.errors)")
    #expect(!FileManager.default.fileExists(atPath: images.folder.path("none")))
  }

  @Test func aFileThatIsMissingIsNamed() throws {
    let run = try ToolRun("train", "--config", "/nowhere.yaml", "--output", "x")
    #expect(run.status == 1 && run.errors.contains("/nowhere.yaml: cannot be opened"))
    let alone = try ToolRun("train", "-o", "Global.epochs=1", "--output", "x")
    #expect(alone.status == 64 && alone.errors.contains("-o needs --config FILE.yaml"))
  }
}
