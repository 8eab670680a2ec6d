import DLACheckpoints
import DLAGraph
import DLAModels
import DLATensor
import DeepLayerAggregation
import Foundation
import Testing
import _DLATestSupport

/// `dla classify` and `Classifier(weights:)` on a file that describes its use.
struct ClassifyDescriptionTests {
  @Test(arguments: [[], ["--preset", "timm", "--crop", "96"], ["--mean", "0,0,0"]])
  func theCommandAndTheLibraryAgree(options: [String]) throws {
    let folder = try TemporaryFolder()
    let path = folder.path("best.safetensors")
    let variant = try Variant.named("dla46_c")
    let weights = SyntheticWeights(variant)
    let description = WeightsDescription(
      model: variant.name, classes: ["cat", "dog", "hen"],
      preset: Preset(
        name: "own", convention: .opencv, appliesOrientation: false, resizeShort: 80, crop: 64,
        mean: [0.5, 0.4, 0.3], standardDeviation: [0.2, 0.3, 0.4]))
    try SafetensorsWriter.write(
      variant.graph(classes: 3).tensors.map {
        ($0.name, Tensor(shape: $0.shape, elements: weights.read($0)))
      }, metadata: description.metadata, to: path)
    var preprocessing = PreprocessingOptions()
    if options.contains("--crop") { (preprocessing.convention, preprocessing.crop) = (.pil, 96) }
    if options.contains("--mean") { preprocessing.mean = [0, 0, 0] }
    let classifier = try Classifier(
      weights: path, preprocessing: preprocessing, configuration: .init(threads: 2))

    let image = images + "/horse.png"
    let run = try ToolRun(
      ["classify", "--weights", path, "--json", "--threads", "2", "--batch-size", "1", image]
        + options)
    #expect(run.status == 0, "\(run.errors)")
    let line = try #require(run.jsonLines().first)
    let rows = try #require(line["predictions"] as? [[String: Any]])
    let expected = try classifier.classifyAndWait(classifier.preprocessor.image(path: image))
    #expect(rows.map { $0["label"] as? String } == expected.map(\.label))
    for (row, prediction) in zip(rows, expected) {
      let probability = try #require(row["probability"] as? Double)
      #expect(Float(probability) == prediction.probability)
    }
  }

  @Test func anUnreadableDescriptionIsAnErrorInOneLine() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("best.safetensors")
    let variant = try Variant.named("dla46_c")
    let weights = SyntheticWeights(variant)
    try SafetensorsWriter.write(
      variant.graph(classes: 3).tensors.map {
        ($0.name, Tensor(shape: $0.shape, elements: weights.read($0)))
      }, metadata: ["preset": "timm", "crop": "wide"], to: path)
    let run = try ToolRun("classify", "--weights", path, images + "/horse.png")
    #expect(run.status == 1 && run.output.isEmpty)
    #expect(run.errorLines.count == 1 && run.errors.contains("best.safetensors"), "\(run.errors)")
  }
}
