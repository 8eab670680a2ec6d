import DLACheckpoints
import DLAGraph
import DLATensor
import DeepLayerAggregation
import Testing
import _DLATestSupport

/// Settings of a classifier: the arguments, then the file's description, then the defaults.
struct WeightsDescriptionTests {
  private let folder: TemporaryFolder
  private static let classNames = ["cat", "dog, small", "hen"]
  private static let preset = Preset(
    name: "own", convention: .opencv, appliesOrientation: false, resizeShort: 72, crop: 64,
    mean: [0.1, 0.2, 0.3], standardDeviation: [0.4, 0.5, 0.6])

  init() throws { folder = try TemporaryFolder() }

  private func write(
    _ metadata: [String: String], classes: Int = 3, inChannels: Int = 3
  ) throws -> String {
    let variant = try Variant.named("dla46_c")
    let weights = SyntheticWeights(variant)
    let path = folder.path("model.safetensors")
    try SafetensorsWriter.write(
      variant.graph(classes: classes, inChannels: inChannels).tensors.map {
        ($0.name, Tensor(shape: $0.shape, elements: weights.read($0)))
      }, metadata: metadata, to: path)
    return path
  }

  private var described: [String: String] {
    WeightsDescription(model: "dla46_c", classes: Self.classNames, preset: Self.preset).metadata
  }

  @Test func theFileDescribesTheClassifier() throws {
    let classifier = try Classifier(weights: write(described))
    #expect(classifier.labels == Self.classNames)
    #expect(classifier.preprocessor.preset == Self.preset)
    #expect(classifier.network.variant.name == "dla46_c")
  }

  @Test func aFileWithoutDescriptionGetsTheDefaults() throws {
    #expect(try Classifier(weights: write([:])).labels.isEmpty)
    let classifier = try Classifier(weights: write(["format": "pt"], classes: 1000))
    #expect(classifier.preprocessor.preset == .timm)
    #expect(classifier.classNames == ImageNetClasses.all)
  }

  @Test func argumentsReplaceSingleSettings() throws {
    let path = try write(described)
    func preset(_ options: PreprocessingOptions) throws -> Preset {
      try Classifier(weights: path, preprocessing: options).preprocessor.preset
    }
    var expected = try preset(.init())
    expected.crop = 96
    // The image is enlarged with the crop.
    expected.resizeShort = 96
    #expect(try preset(.init(crop: 96)) == expected)
    expected.resizeShort = 128
    #expect(try preset(.init(resizeShort: 128, crop: 96)) == expected)
    expected = try preset(.init())
    expected.mean = [0.5, 0.5, 0.5]
    expected.standardDeviation = [1, 1, 1]
    #expect(try preset(.init(mean: [0.5, 0.5, 0.5], standardDeviation: [1, 1, 1])) == expected)
    expected = try preset(.init())
    (expected.name, expected.convention, expected.decoder) = ("timm", .pil, .pil)
    #expect(try preset(.init(convention: .pil)) == expected)
    expected.appliesOrientation = true
    #expect(try preset(.init(convention: .pil, appliesOrientation: true)) == expected)
    #expect(try preset(.init(.timm)) == .timm)
    expected = try preset(.init())
    expected.resampling = Resampling(.bicubic, convention: .pil)
    (expected.decoder, expected.resizeShort) = (.pil, 80)
    #expect(
      try preset(.init(decoder: .pil, resampling: expected.resampling, cropFraction: 0.8))
        == expected)
    let labels = ["a", "b", "c"]
    #expect(try Classifier(weights: path, labels: labels).labels == labels)
    #expect(try Classifier(weights: path, labels: []).labels.isEmpty)
  }

  @Test(
    arguments: [
      ("crop", "large"), ("crop", nil), ("mean", "0.1,0.2"), ("std", "0.4,0.5,0"),
      ("resize_short", "0"), ("resize_short", "99999"), ("image_convention", "none"),
      ("exif_orientation", "sideways"),
    ] as [(String, String?)])
  func anUnreadableSettingIsAnErrorThatNamesIt(key: String, value: String?) throws {
    var metadata = described
    metadata[key] = value
    let path = try write(metadata)
    let error = #expect(throws: ClassifierError.self) { try Classifier(weights: path) }
    #expect(error?.code == .unreadableDescription)
    #expect(error?.message.contains("model.safetensors: ") == true)
    #expect(error?.message.contains(key) == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("\n") == false)
    // Complete arguments leave nothing to read.
    #expect(try Classifier(weights: path, preprocessing: .init(.timm)).preprocessor.preset == .timm)
  }

  @Test func anotherNumberOfNamesIsAnErrorUnlessLabelsAreGiven() throws {
    let path = try write(described, classes: 4)
    let error = #expect(throws: ClassifierError.self) { try Classifier(weights: path) }
    #expect(error?.code == .unreadableDescription)
    let labels = ["a", "b", "c", "d"]
    #expect(try Classifier(weights: path, labels: labels).labels == labels)
  }

  @Test func settingsThatTheNetworkCannotTakeAreErrors() throws {
    let path = try write(described)
    for (options, code) in [
      (PreprocessingOptions(crop: 33), ClassifierError.Code.unsuitableCrop),
      (.init(resizeShort: 32), .unsuitableCrop), (.init(crop: 0), .unsuitablePreset),
      (.init(resizeShort: 1 << 20), .unsuitablePreset),
      (.init(standardDeviation: [1, 0, 1]), .unsuitablePreset),
      (.init(mean: [.nan, 0, 0]), .unsuitablePreset),
    ] {
      let error = #expect(throws: ClassifierError.self) {
        try Classifier(weights: path, preprocessing: options)
      }
      #expect(error?.code == code, "\(options)")
    }
    let spectral = try write([:], inChannels: 4)
    let error = #expect(throws: ClassifierError.self) { try Classifier(weights: spectral) }
    #expect(error?.code == .unsuitableChannels)
  }

  @Test func theModelOfAFileIsNamedWhereItIsAnother() throws {
    let path = try write([:])
    let other = #expect(throws: CheckpointError.self) {
      try CheckpointModel(path: path, model: "dla34")
    }
    #expect(other?.code == .otherModel)
    #expect(other?.message.hasSuffix("these are the weights of dla46_c, not of dla34") == true)
    let count = #expect(throws: CheckpointError.self) { try Network(weights: path, classes: 5) }
    #expect(count?.code == .wrongClassCount)
    let model = try CheckpointModel(path: path)
    #expect(model.classes == 3 && model.inChannels == 3 && model.variant.name == "dla46_c")
  }
}
