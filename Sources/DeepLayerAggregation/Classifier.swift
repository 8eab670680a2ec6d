import DLAData
import DLAGraph
import DLATensor

/// A network that names what is in an image.
///
/// ```swift
/// let classifier = try Classifier(weights: "dla34.safetensors")
/// for prediction in try classifier.classify(Image(path: "photo.jpg")) {
///   print(prediction.label ?? "\(prediction.index)", prediction.probability)
/// }
/// ```
public struct Classifier: Sendable {
  /// The network.
  public let network: Network
  /// How images become the network's input.
  public let preprocessor: Preprocessor
  /// The classes, and what they are called.
  public let classNames: ClassNames

  /// The names of the classes, in order; empty if they have none.
  public var labels: [String] { classNames.names }

  /// Makes a classifier.
  ///
  /// - Parameters:
  ///   - network: the network; it takes images of three channels.
  ///   - preset: how images become the network's input.
  ///   - classNames: the classes; nil for ImageNet's (`ImageNetClasses`) if the network has as many,
  ///     and classes without names otherwise.
  /// - Throws: `LabelError` if these are another number of classes.
  public init(
    _ network: Network, preset: Preset = .timm, classNames: ClassNames? = nil
  ) throws(LabelError) {
    let classNames =
      classNames
      ?? (network.classes == ImageNetClasses.count
        ? ImageNetClasses.all : ClassNames(count: network.classes))
    guard classNames.count == network.classes else {
      throw LabelError(labels: classNames.count, classes: network.classes)
    }
    self.network = network
    self.preprocessor = Preprocessor(preset)
    self.classNames = classNames
  }

  /// Makes a classifier whose classes have names.
  ///
  /// - Parameters:
  ///   - network: the network; it takes images of three channels.
  ///   - preset: how images become the network's input.
  ///   - labels: the names of the classes, in order; empty if they have none. Nil as for
  ///     `init(_:preset:classNames:)`.
  /// - Throws: `LabelError` if there are labels for another number of classes.
  public init(
    _ network: Network, preset: Preset = .timm, labels: [String]?
  ) throws(LabelError) {
    let names = labels.map {
      $0.isEmpty ? ClassNames(count: network.classes) : ClassNames(count: $0.count, names: $0)
    }
    try self.init(network, preset: preset, classNames: names)
  }

  /// Loads a classifier from a safetensors file with timm's tensor names.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - model: the network's name; nil to tell it from the file's tensors.
  ///   - preset: how images become the network's input.
  ///   - labels: the names of the classes, in order; empty if they have none. Nil for ImageNet's
  ///     (`ImageNetClasses.names`) if the network has as many classes, and none otherwise.
  ///   - configuration: how to use the machine.
  /// - Throws: `CheckpointError`, `UnknownModelError`, `LabelError`, or `RuntimeError` with
  ///   `.unsuitableConfiguration`.
  public init(
    weights path: String, model: String? = nil, preset: Preset = .timm, labels: [String]? = nil,
    configuration: Network.Configuration = .init()
  ) throws {
    try self.init(
      Network(weights: path, model: model, configuration: configuration), preset: preset,
      labels: labels)
  }

  /// The most probable classes of one image.
  ///
  /// - Parameters:
  ///   - image: the image.
  ///   - count: how many classes.
  /// - Returns: the most probable first; of equals the lower index first.
  /// - Throws: `ImageError` if the image can't be cropped; what the network throws.
  public func classify(_ image: RGBImage, top count: Int = 5) throws -> [Prediction] {
    let input = try preprocessor.input(image)
    let batch = Tensor(shape: [1] + input.shape, elements: input.elements)
    let logits = try network(batch).logits
    return try predictions(logits.elements[...], top: count)
  }

  /// The feature maps of levels 0 to 5 for one image.
  ///
  /// - Parameter image: the image.
  /// - Returns: six tensors, [1, C, H, W], with sides 1, 1/2, 1/4, 1/8, 1/16 and 1/32 of the crop's.
  /// - Throws: `ImageError` if the image can't be cropped; what the network throws.
  public func features(_ image: RGBImage) throws -> [Tensor] {
    let input = try preprocessor.input(image)
    return try network(
      Tensor(shape: [1] + input.shape, elements: input.elements), returnsFeatures: true
    ).levels
  }

  /// The most probable classes, from one image's scores.
  ///
  /// - Parameters:
  ///   - logits: the scores.
  ///   - count: how many classes.
  /// - Returns: the most probable first; of equals the lower index first.
  /// - Throws: `RuntimeError` with `.brokenWeights` if a score is infinite or not a number.
  public func predictions(
    _ logits: ArraySlice<Float>, top count: Int
  ) throws(RuntimeError) -> [Prediction] {
    try requireFinite(logits)
    let probabilities = softmax(logits)
    return largest(logits, count).map { index in
      Prediction(
        index: index, label: labels.isEmpty ? nil : labels[index],
        probability: probabilities[index])
    }
  }

  /// - Throws: `RuntimeError` with `.brokenWeights` if a score is infinite or not a number.
  func requireFinite(_ scores: ArraySlice<Float>) throws(RuntimeError) {
    guard scores.allSatisfy(\.isFinite) else {
      throw RuntimeError(
        code: .brokenWeights,
        message: network.configuration.precision == .fp16
          ? "the class scores are not finite; fp16 holds numbers up to 65504, use bf16 or fp32"
          : "the class scores are not finite; are these weights whole?")
    }
  }

  /// The places of the largest scores, counted from 0, the largest first; of equals the first.
  ///
  /// A few of many, as is usual, are found in one pass.
  private func largest(_ scores: ArraySlice<Float>, _ count: Int) -> [Int] {
    guard count <= 16 else {
      return Array(
        zip(scores, scores.indices).sorted { ($1.0, $0.1) < ($0.0, $1.1) }.prefix(count)
          .map { $0.1 - scores.startIndex })
    }
    var best: [(score: Float, place: Int)] = []
    for (place, score) in scores.enumerated() {
      if best.count == count, let last = best.last, score <= last.score { continue }
      let position = best.firstIndex { $0.score < score } ?? best.count
      best.insert((score, place), at: position)
      if best.count > count { best.removeLast() }
    }
    return best.map(\.place)
  }
}

/// There are names for another number of classes than the network has.
public struct LabelError: Error, CustomStringConvertible {
  /// Names that were given.
  public let labels: Int
  /// Classes of the network.
  public let classes: Int

  /// One line: what was found and what was expected.
  public var description: String {
    "\(labels) labels were given, the network has \(classes) classes; give one line for each class"
  }
}
