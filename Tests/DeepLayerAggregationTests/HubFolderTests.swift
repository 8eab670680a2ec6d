import DLACheckpoints
import DLAGraph
import DLATensor
import DeepLayerAggregation
import Foundation
import Testing
import _DLATestSupport

/// Folders of weights and `config.json`, as on the Hugging Face hub.
struct HubFolderTests {
  private let folder: TemporaryFolder
  private let configuration: String

  init() throws {
    folder = try TemporaryFolder()
    configuration = try String(
      contentsOf: Fixtures.folder.appending(path: "hub/config.json"), encoding: .utf8)
  }

  private var hub: String { folder.path("hub") }

  /// Writes the weights of dla46_c, and a configuration beside them.
  private func write(
    _ configuration: String?, metadata: [String: String] = ["format": "pt"],
    to name: String = "hub/model.safetensors"
  ) throws {
    let variant = try Variant.named("dla46_c")
    let weights = SyntheticWeights(variant)
    _ = try folder.write([], to: name)
    try SafetensorsWriter.write(
      variant.graph(classes: 3).tensors.map {
        ($0.name, Tensor(shape: $0.shape, elements: weights.read($0)))
      }, metadata: metadata, to: folder.path(name))
    if let configuration { _ = try folder.write(Array(configuration.utf8), to: "hub/config.json") }
  }

  @Test func timmsConfigurationDescribesTheClassifier() throws {
    try write(configuration)
    var preset = Preset.timm
    preset.resampling = Resampling(.bicubic)
    (preset.crop, preset.resizeShort) = (192, 202)
    (preset.mean, preset.standardDeviation) = ([0.5, 0.4, 0.3], [0.3, 0.2, 0.25])
    for path in [hub, hub + "/", "\(hub)/model.safetensors"] {
      let classifier = try Classifier(weights: path)
      #expect(classifier.preprocessor.preset == preset)
      #expect(
        classifier.classNames
          == ClassNames(
            count: 3, names: ["a cat", "a dog, big", "a cow"], identifiers: ["n01", "n02", "n03"]))
    }
    let other = try Classifier(weights: hub, preprocessing: .init(cropFraction: 1, crop: 64))
    #expect(other.preprocessor.preset.resizeShort == 64)
  }

  @Test func olderConfigurationsAreFlat() throws {
    try write(
      """
      {"architecture": "dla46_c", "num_classes": 3, "labels": ["cat", "dog", "cow"],
       "input_size": [3, 96, 96], "interpolation": "box", "crop_pct": null}
      """)
    let classifier = try Classifier(weights: hub)
    #expect(classifier.labels == ["cat", "dog", "cow"])
    let preset = classifier.preprocessor.preset
    #expect(
      preset.resampling == Resampling(.area) && preset.crop == 96 && preset.resizeShort == 109)
    #expect(preset.mean == Preset.timm.mean)
  }

  @Test func labelsMayBeKeyedByTheirClass() throws {
    try write(
      """
      {"architecture": "dla46_c", "label_names": {"2": "cow", "0": "cat"}, "pretrained_cfg":
       {"label_names": ["x", "y", "z"], "mean": [0.25], "std": [0.5], "crop_mode": "center"}}
      """)
    let classifier = try Classifier(weights: hub)
    #expect(classifier.labels == ["cat", "1", "cow"])
    let preset = classifier.preprocessor.preset
    #expect(preset.mean == [0.25, 0.25, 0.25] && preset.standardDeviation == [0.5, 0.5, 0.5])
    // timm's default, where a configuration names none.
    #expect(preset.resampling == Resampling(.bicubic))
  }

  @Test func theFilesOwnDescriptionPrecedes() throws {
    let own = WeightsDescription(
      model: "dla46_c", classes: ["a", "b", "c"],
      preset: Preset(name: "own", convention: .opencv, resizeShort: 64, crop: 64))
    try write(configuration, metadata: own.metadata)
    let classifier = try Classifier(weights: hub)
    #expect(classifier.preprocessor.preset == own.preset && classifier.labels == own.classes)
  }

  @Test func otherConfigurationsAndNamesAreLeftAlone() throws {
    try write("{\"model_type\": \"bert\", \"hidden_size\": 768}")
    #expect(try Classifier(weights: hub).preprocessor.preset == .timm)
    // Beside a file of another name it may be anything.
    try write("no JSON", to: "hub/other.safetensors")
    #expect(try Classifier(weights: "\(hub)/other.safetensors").labels.isEmpty)
  }

  @Test(arguments: [
    ("no JSON", "config.json"), ("{", "config.json"), ("{} x", "text follows"),
    ("{\"architecture\": 3}", "config.json"),
    ("{\"architecture\": \"a\", \"interpolation\": \"lanczos\"}", "\"lanczos\""),
    ("{\"architecture\": \"a\", \"crop_mode\": \"squash\"}", "\"squash\""),
    ("{\"architecture\": \"a\", \"input_size\": [3, 64, 96]}", "input_size is"),
    ("{\"architecture\": \"a\", \"input_size\": [3, 1e9, 1e9]}", "input_size is"),
    ("{\"architecture\": \"a\", \"crop_pct\": 0}", "crop_pct is 0"),
    ("{\"architecture\": \"a\", \"mean\": [1, 2]}", "mean has 2 numbers"),
    ("{\"architecture\": \"a\", \"std\": [0, 1, 1]}", "std is"),
    ("{\"architecture\": \"a\", \"label_names\": {\"x\": \"y\"}}", "number of a class"),
    (
      "{\"architecture\": \"a\", \"label_names\": {\"99999999\": \"y\"}}", "label_names has a class"
    ),
  ])
  func unusableConfigurationsAreOneLine(text: String, words: String) throws {
    try write(text)
    let error = try #require(throws: ClassifierError.self) { try Classifier(weights: hub) }
    #expect(error.code == .unreadableDescription)
    #expect(error.message.contains(words) && !error.message.contains("\n"), "\(error.message)")
    // Complete settings need no description.
    #expect(throws: Never.self) { try Classifier(weights: hub, preprocessing: .init(.timm)) }
  }

  @Test func aConfigurationCutAnywhereIsAnError() throws {
    let bytes = Array(configuration.utf8)
    let end = try #require(bytes.lastIndex(of: UInt8(ascii: "}")))
    for count in 0..<end {
      #expect(throws: ClassifierError.self, "\(count)") {
        try WeightsDescription(configuration: Array(bytes[..<count]))
      }
    }
    #expect(try WeightsDescription(configuration: bytes).model == "dla46_c")
  }

  @Test func foldersWithoutWeightsAreNamed() throws {
    _ = try folder.write(Array(configuration.utf8), to: "hub/config.json")
    let error = try #require(throws: CheckpointError.self) { try Classifier(weights: hub) }
    #expect(error.message.contains("a folder without weights"), "\(error.message)")
  }

  @Test(arguments: [(224, 256), (96, 109), (64, 73), (192, 202), (224, 224), (288, 289)])
  func whatIsWrittenIsReadAgain(crop: Int, resizeShort: Int) throws {
    var preset = Preset.timm
    preset.resampling = Resampling(.bicubic)
    (preset.crop, preset.resizeShort) = (crop, resizeShort)
    var description = WeightsDescription(
      model: "dla46_c", classes: ["a \"cat\"", "dög", "cow\\"], preset: preset)
    let path = folder.path("config.json")
    let graph = try Variant.named("dla46_c").graph(classes: 3)
    for identifiers in [[], ["n1", "n2", "n3"]] {
      description.identifiers = identifiers
      try description.writeHubConfiguration(of: graph, to: path)
      let bytes = try Array(Data(contentsOf: URL(filePath: path)))
      #expect(try WeightsDescription(configuration: bytes) == description)
      _ = try JSONSerialization.jsonObject(with: Data(bytes))
    }
  }

  @Test func grayNetworksHaveOneMean() throws {
    let description = WeightsDescription(model: "dla46_c", preset: .timm)
    let path = folder.path("config.json")
    try description.writeHubConfiguration(
      of: try Variant.named("dla46_c").graph(classes: 3, inChannels: 1), to: path)
    let bytes = try Array(Data(contentsOf: URL(filePath: path)))
    // timm's mean of ImageNet's three.
    #expect(try WeightsDescription(configuration: bytes).preset?.mean == [0.449, 0.449, 0.449])
  }

  @Test func aConvertedFolderKeepsItsDescription() throws {
    try write(configuration)
    let path = folder.path("converted.safetensors")
    try Conversion(CheckpointFile(path: hub), model: nil).writeSafetensors(to: path)
    let (before, after) = (try Classifier(weights: hub), try Classifier(weights: path))
    #expect(before.preprocessor.preset == after.preprocessor.preset)
    #expect(before.classNames == after.classNames)
  }
}
