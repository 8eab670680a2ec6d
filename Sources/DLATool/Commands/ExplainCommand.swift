import DLASystem
import DLAText
import DeepLayerAggregation

/// `dla explain`: what of an image speaks for a class.
enum ExplainCommand: Command {
  static let name = "explain"
  static let summary = "Show what of an image speaks for a class."
  static let synopsis = "[OPTION...] PHOTO --output OUT.png"
  static let options =
    ClassifierOptions.options + PresetOptions.options + [
      Option("--output", "OUT.png", "The image to write, PNG or, by its ending, JPEG."),
      Option("--class", "CLASS", "Number or name of the class. Default: the most probable one."),
      Option(
        "--method", Method.allCases.map(\.rawValue).joined(separator: "|"),
        "How to find it. Default: grad-cam, or occlusion for crops below 128 pixels."),
      Option(
        "--patch", "PIXELS", "Side of the square that covers. Default: a seventh of the crop."),
      Option("--stride", "PIXELS", "From one place to the next. Default: a 14th of the crop."),
      Option("--batch-size", "N", "Covered images that pass together. Default: 8."),
      Option("--json", nil, "Print one JSON object, with the map."),
    ] + ConfigurationOptions.options
  static let details = """
    OUT shows the image; the brighter the colour on a place, the more it speaks for the class.
    What the network does not see is dark.

    grad-cam weighs the features of level 5 by what they add to the class's score: fast, one value for
    each 32×32 pixels. occlusion covers one square after another and notes by how much the logarithm of
    the class's probability falls (below 0: rises): slower, and finer. Without --weights and --model the small built-in model of ten
    classes answers.

    \(ConfigurationOptions.cacheNote)
    """

  enum Method: String, CaseIterable {
    case gradCAM = "grad-cam"
    case occlusion
  }

  /// Below this side the last level has too few places to tell anything.
  private static let leastGradCAMCrop = 128
  /// Long sides of the image that is written.
  private static let longSides = 512...1600

  static func run(_ arguments: Arguments) async throws -> Bool {
    guard arguments.positional.count == 1, let path = arguments.positional.first else {
      throw UsageError("one PHOTO is expected, \(arguments.positional.count) are given")
    }
    let output = try output(arguments, photograph: path)
    let classifier = try ClassifierOptions.classifier(arguments)
    let crop = classifier.preprocessor.preset.crop
    let chosen = try arguments.choice("--method", of: Method.allCases.map(\.rawValue))
      .flatMap(Method.init(rawValue:))
    let method = chosen ?? (crop < leastGradCAMCrop ? .occlusion : .gradCAM)
    let classIndex = try classIndex(arguments, classifier.classNames)
    let occlusion = try occlusion(arguments, crop: crop, method)
    let image = try classifier.preprocessor.photograph(path)

    let input = try classifier.preprocessor.input(image)
    let explanation: Explanation
    switch method {
    case .gradCAM: explanation = try classifier.gradCAM(crop: input, classIndex: classIndex)
    case .occlusion:
      defer { Console.endProgress() }
      explanation = try classifier.occlusion(crop: input, classIndex: classIndex, occlusion) {
        done, all in
        Console.progress("\(ProgressBar.bar(Double(done) / Double(all)))  \(done) of \(all) places")
      }
    }
    try write(image, explanation, classifier.preprocessor, to: output)
    try show(explanation, method, of: path, classifier, asJSON: arguments.has("--json"))
    return true
  }

  /// Where the image goes, checked before the work.
  private static func output(_ arguments: Arguments, photograph: String) throws -> String {
    let output = try arguments.required("--output")
    guard encoding(of: output) != nil else {
      throw UsageError("--output is \(output); a name that ends in .png or .jpg is expected")
    }
    for input in [photograph, arguments["--weights"], arguments["--labels"]].compactMap(\.self) {
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
      throw UsageError("\(option) is for --method occlusion")
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
    let picture = shown.overlaid(
      with: explanation.map.normalized,
      on: preprocessor.cropRegion(width: shown.width, height: shown.height))
    guard let encode = encoding(of: path) else { return }
    let file = try ReplacementFile(path: path)
    try encode(picture).withUnsafeBytes { try file.append($0) }
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
    let label =
      classifier.labels.isEmpty ? nil : classifier.labels[explanation.classIndex]
    guard !asJSON else {
      let row = Row(
        file: path, index: explanation.classIndex, label: label,
        probability: explanation.probability, method: method.rawValue, columns: map.width,
        rows: map.height, map: map.values)
      return try Console.print(JSON.line(row))
    }
    if map.values.count == 1 {
      Console.warn(
        "at this crop level 5 has one place, which tells nothing; --method occlusion shows more")
    }
    if map.values.allSatisfy({ $0 <= 0 }) {
      Console.warn("nothing in the image speaks for this class; the image shows no colour")
    }
    try Console.print(
      """
      \(printablePath(path))
        \(fixed(Double(explanation.probability) * 100, 2)) %  \(explanation.classIndex)  \
      \(label.map { printable($0) } ?? "")
      \(method.rawValue), \(map.width)×\(map.height) places
      """)
  }
}
