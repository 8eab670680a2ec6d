import DLAData
import DLAGraph

/// A network with the preprocessing and the class names that it needs to classify images.
///
/// ```swift
/// let classifier = try Classifier(weights: "dla34.safetensors")
/// for prediction in try await classifier.classify(path: "photo.jpg") {
///   print(prediction.label ?? "\(prediction.index)", prediction.probability)
/// }
/// ```
///
/// It may be used from several threads and tasks at once; see ``Network``.
public struct Classifier: Sendable {
  /// The network.
  public let network: Network
  /// The preprocessing of images.
  public let preprocessor: Preprocessor
  /// The classes and their names.
  public let classNames: ClassNames

  /// The names of the classes, in order; empty if they have none.
  public var labels: [String] { classNames.names }

  /// Makes a classifier of a network.
  ///
  /// - Parameters:
  ///   - network: the network; its input has three channels, or one, for gray images.
  ///   - preset: the preprocessing.
  ///   - classNames: the classes; nil for ImageNet's (``ImageNetClasses``) if the network has as many,
  ///     otherwise classes without names.
  /// - Throws: ``ClassifierError`` with `.unsuitableChannels`, `.labelCount`, `.unsuitableCrop` or
  ///   `.unsuitablePreset`.
  public init(
    _ network: Network, preset: Preset = .timm, classNames: ClassNames? = nil
  ) throws(ClassifierError) {
    guard [1, 3].contains(network.inChannels) else {
      throw ClassifierError(
        .unsuitableChannels,
        "the network expects images of \(network.inChannels) channels; images have 3, or 1 as gray ones"
      )
    }
    let classNames =
      classNames
      ?? (network.classes == ImageNetClasses.count
        ? ImageNetClasses.all : ClassNames(count: network.classes))
    guard classNames.count == network.classes else {
      throw ClassifierError(
        .labelCount,
        "\(classNames.count) labels were given, the network has \(network.classes) classes; give "
          + "one line for each class")
    }
    try preset.check()
    self.network = network
    self.preprocessor = Preprocessor(preset, channels: network.inChannels)
    self.classNames = classNames
  }

  /// Makes a classifier of a weights file whose model is identified.
  ///
  /// Preprocessing and class names are taken from the arguments, then from the file's description
  /// (``WeightsDescription``), then from the defaults: `Preset.timm`, and ImageNet's names
  /// for 1000 classes.
  ///
  /// - Parameters:
  ///   - model: the weights file and its model.
  ///   - preprocessing: settings that replace those of the file.
  ///   - classNames: the classes; nil for those of the file.
  ///   - configuration: the device, threads and caches to use.
  /// - Throws: ``ClassifierError``, also with `.unreadableDescription` if what the file describes is
  ///   needed and can't be read; as `Network.init(_:configuration:)`.
  public init(
    _ model: CheckpointModel, preprocessing: PreprocessingOptions = .init(),
    classNames: ClassNames? = nil, configuration: Network.Configuration = .init()
  ) throws {
    // Complete arguments are the way to use a file whose description can't be read.
    let described = preprocessing.isComplete ? nil : try WeightsDescription(of: model.file).preset
    try self.init(
      Network(model, configuration: configuration),
      preset: preprocessing.applied(to: described ?? .timm),
      classNames: classNames ?? Self.describedClasses(of: model))
  }

  /// Loads a classifier from a weights file, with the preprocessing and the class names that the file
  /// describes.
  ///
  /// - Parameters:
  ///   - path: the file, of any format in `CheckpointFormat`.
  ///   - model: the model's name; nil to identify it by the file's tensors.
  ///   - part: the prefix of the network's tensors, for instance `teacher`; nil for the first whole
  ///     network in the order of `CheckpointFile.parts`.
  ///   - preprocessing: settings that replace those of the file.
  ///   - labels: the names of the classes, in order; empty for none, nil for those of the file, which
  ///     default to ImageNet's for 1000 classes.
  ///   - configuration: the device, threads and caches to use.
  /// - Throws: `CheckpointError` if the file can't be read or does not fit; `UnknownModelError` if
  ///   there is no model of the name; otherwise as
  ///   `init(_:preprocessing:classNames:configuration:)`.
  public init(
    weights path: String, model: String? = nil, part: String? = nil,
    preprocessing: PreprocessingOptions = .init(), labels: [String]? = nil,
    configuration: Network.Configuration = .init()
  ) throws {
    let model = try CheckpointModel(path: path, model: model, part: part)
    let classNames = labels.map { labels in
      ClassNames(count: labels.isEmpty ? model.classes : labels.count, names: labels)
    }
    try self.init(
      model, preprocessing: preprocessing, classNames: classNames, configuration: configuration)
  }

  /// The classes that the file names; nil if it names none.
  private static func describedClasses(
    of model: CheckpointModel
  ) throws(ClassifierError) -> ClassNames? {
    // Unreadable preprocessing is no reason to lose the names.
    let metadata = (try? model.file.describingMetadata()) ?? model.file.metadata
    let description = WeightsDescription(names: metadata)
    let names = description.classes
    guard !names.isEmpty else { return nil }
    guard names.count == model.classes else {
      throw ClassifierError(
        .unreadableDescription,
        "\(model.file.name): its metadata names \(names.count) classes, its classifier has "
          + "\(model.classes)")
    }
    let identifiers = description.identifiers
    return ClassNames(
      count: names.count, names: names,
      identifiers: identifiers.count == names.count ? identifiers : [])
  }
}

// MARK: - Class scores

extension Classifier {
  /// The most probable classes, from the class scores of one image.
  ///
  /// - Parameters:
  ///   - logits: the class scores.
  ///   - count: the number of classes to return.
  /// - Returns: the classes in descending order of probability; of equal ones the lower index first.
  /// - Throws: `RuntimeError` with `.brokenWeights` if a score is infinite or not a number.
  public func predictions(
    _ logits: ArraySlice<Float>, top count: Int
  ) throws(RuntimeError) -> [Prediction] {
    try requireFinite(logits)
    let probabilities = Scores.softmax(logits)
    return Scores.largest(logits, count).map { index in
      Prediction(
        index: index, label: labels.isEmpty ? nil : labels[index],
        probability: probabilities[index])
    }
  }

  /// The classification of a sample whose class is known.
  ///
  /// - Returns: the most probable classes, at most `Outcome.predictionCount`, and the cross-entropy of the
  ///   label in nats, computed in float64.
  /// - Throws: `RuntimeError` with `.brokenWeights` if a score is infinite or not a number.
  package func classification(
    _ logits: ArraySlice<Float>, label: Int
  ) throws(RuntimeError) -> Outcome.Classification {
    let predictions = try self.predictions(logits, top: Outcome.predictionCount).map {
      Outcome.Prediction(index: $0.index, probability: $0.probability)
    }
    return .predictions(predictions, loss: Scores.crossEntropy(logits, label: label))
  }

  /// - Throws: `RuntimeError` with `.brokenWeights` if a score is infinite or not a number.
  func requireFinite(_ scores: ArraySlice<Float>) throws(RuntimeError) {
    guard scores.allSatisfy(\.isFinite) else {
      throw RuntimeError(
        code: .brokenWeights,
        message: network.configuration.precision == .fp16
          ? "the class scores are not finite; fp16 holds numbers up to 65504, use bf16 or fp32"
          : "the class scores are not finite; are the weights complete?")
    }
  }
}
