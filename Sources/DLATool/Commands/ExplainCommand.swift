import DLASystem
import DLAText
import DeepLayerAggregation

/// `dla explain`: the image regions that support a class.
enum ExplainCommand: Command {
  static let name = "explain"
  static let summary = "Show which image regions support a class."
  static let synopsis = "[OPTION...] IMAGE --output OUT.png"
  static let operands = Option.Values.files
  static let options =
    ClassifierOptions.options + PresetOptions.options + [
      Option("--output", "OUT.png", "The image to write, PNG or JPEG by its extension."),
      Option("--class", "CLASS", "Index or name of the class. Default: the most probable one."),
      Option(
        "--method", Method.allCases.map(\.rawValue).joined(separator: "|"),
        "Default: grad-cam, or occlusion for crops below 128 pixels."),
      Option("--patch", "PIXELS", "Occlusion: side of the patch. Default: 1/7 of the crop."),
      Option("--stride", "PIXELS", "Occlusion: step between patches. Default: 1/14 of the crop."),
      Option("--batch-size", "N", "Occlusion: images per batch. Default: 8."),
      Option("--json", nil, "Print one JSON object with the heat map."),
    ] + ConfigurationOptions.options
  static let details = """
    OUT is the image with a heat map: the brighter, the stronger a region supports the class. The area
    outside of the crop is darkened. Methods:
      grad-cam   Weighs the features of level 5 by their gradient: fast, one value per 32×32 pixels.
      occlusion  Covers one patch after another and records by how much the log-probability of the
                 class falls: slower, finer.

    Without --weights and --model, the built-in CIFAR-10 model (dla46_c, ten classes) is used.

    \(ConfigurationOptions.cacheNote)
    """

  enum Method: String, CaseIterable {
    case gradCAM = "grad-cam"
    case occlusion
  }

  /// Below this crop, the feature map of the last level is too small for Grad-CAM.
  private static let minGradCAMCrop = 128
  /// Bounds on the longer side of the written image.
  private static let longSides = 512...1600

  static func run(_ arguments: Arguments) async throws -> Bool {
    guard arguments.positional.count == 1, let path = arguments.positional.first else {
      throw UsageError("one IMAGE is expected, \(arguments.positional.count) are given")
    }
    let output = try output(arguments, image: path)
    let classifier = try ClassifierOptions.classifier(arguments)
    let crop = classifier.preprocessor.preset.crop
    let chosen = try arguments.choice("--method", of: Method.allCases.map(\.rawValue))
      .flatMap(Method.init(rawValue:))
    let method = chosen ?? (crop < minGradCAMCrop ? .occlusion : .gradCAM)
    let classIndex = try classIndex(arguments, classifier.classNames)
    let occlusion = try occlusion(arguments, crop: crop, method)
    let image = try classifier.preprocessor.image(orStandardInput: path)

    let input = try classifier.preprocessor.input(image)
    let explanation: Explanation
    switch method {
    case .gradCAM: explanation = try classifier.gradCAM(crop: input, classIndex: classIndex)
    case .occlusion:
      defer { Console.endProgress() }
      explanation = try classifier.occlusion(crop: input, classIndex: classIndex, occlusion) {
        done, all in
        Console.progress(
          "\(ProgressBar.bar(Double(done) / Double(all)))  \(done) of \(all) patches")
      }
    }
    try write(image, explanation, classifier.preprocessor, to: output)
    try show(explanation, method, of: path, classifier, asJSON: arguments.has("--json"))
    return true
  }

  /// The path of the image to write, checked before the work.
  private static func output(_ arguments: Arguments, image: String) throws -> String {
    let output = try arguments.required("--output")
    guard encoding(of: output) != nil else {
      throw UsageError("--output is \(output); a name that ends in .png or .jpg is expected")
    }
    for input in [image, arguments["--weights"], arguments["--labels"]].compactMap(\.self) {
      try OutputFile.requireApart(output, from: input)
    }
    _ = try ReplacementFile(path: output)
    return output
  }

  private static func encoding(of path: String) -> ((RGBImage) throws(ImageError) -> [UInt8])? {
    let name = path.lowercased()
    if name.hasSuffix(".png") { return { image throws(ImageError) in try image.png() } }
    guard name.hasSuffix(".jpg") || name.hasSuffix(".jpeg") else { return nil }
    return { image throws(ImageError) in try image.jpeg(quality: 90) }
  }

  private static func classIndex(
    _ arguments: Arguments, _ names: ClassNames
  ) throws(UsageError) -> Int? {
    guard let text = arguments["--class"] else { return nil }
    guard let index = names.index(of: text) else {
      throw UsageError(
        "--class is \(text); 0 to \(names.count - 1)\(names.names.isEmpty ? "" : " or a class's name") "
          + "is expected")
    }
    return index
  }

  private static func occlusion(
    _ arguments: Arguments, crop: Int, _ method: Method
  ) throws(UsageError) -> Occlusion {
    for option in ["--patch", "--stride", "--batch-size"]
    where method != .occlusion && arguments.has(option) {
      throw UsageError("\(option) applies to --method occlusion")
    }
    let batchSize = try arguments.integer("--batch-size", in: 1...4096) ?? 8
    try BatchSize.check(batchSize, streams: 1, crop: crop)
    return Occlusion(
      crop: crop, patch: try arguments.integer("--patch", in: 1...crop),
      stride: try arguments.integer("--stride", in: 1...crop),
      batchSize: batchSize)
  }

  private static func write(
    _ image: RGBImage, _ explanation: Explanation, _ preprocessor: Preprocessor, to path: String
  ) throws {
    let longSide = max(image.width, image.height)
    let shown = image.resized(
      longSide: min(max(longSide, longSides.lowerBound), longSides.upperBound))
    let overlaid = shown.overlaid(
      with: explanation.map.normalized,
      on: preprocessor.cropRegion(width: shown.width, height: shown.height))
    guard let encode = encoding(of: path) else { return }
    let file = try ReplacementFile(path: path)
    try encode(overlaid).withUnsafeBytes { try file.append($0) }
    try file.commit()
  }

  private struct Row: Encodable {
    let file: String
    let index: Int
    let label: String?
    let probability: Float
    let method: String
    let columns: Int
    let rows: Int
    let map: [Float]
  }

  private static func show(
    _ explanation: Explanation, _ method: Method, of path: String, _ classifier: Classifier,
    asJSON: Bool
  ) throws {
    let map = explanation.map
    let label = classifier.labels.isEmpty ? nil : classifier.labels[explanation.classIndex]
    guard !asJSON else {
      let row = Row(
        file: path, index: explanation.classIndex, label: label,
        probability: explanation.probability, method: method.rawValue, columns: map.width,
        rows: map.height, map: map.values)
      return try Console.print(JSON.line(row))
    }
    if map.values.count == 1 {
      Console.warn(
        "level 5 has a single position at this crop; use --method occlusion or a larger --crop")
    }
    if map.values.allSatisfy({ $0 <= 0 }) {
      Console.warn("no region of the image supports this class; the heat map is empty")
    }
    try Console.print(
      """
      \(printablePath(path))
        \(fixed(Double(explanation.probability) * 100, 2)) %  \(explanation.classIndex)  \
      \(label.map { printable($0) } ?? "")
      \(method.rawValue), \(map.width)×\(map.height) heat map
      """)
  }
}
