import DLAText

/// timm's `config.json` of a model on the Hugging Face hub: architecture, class names, preprocessing.
///
/// `architecture` and `label_names` stand at the top, preprocessing in `pretrained_cfg`; in older files all
/// stand at the top. Source: timm's `models/_hub.py` (`_parse_model_cfg`) and `data/config.py`
/// (`resolve_data_config`), whose defaults are those here.
package struct HubConfiguration {
  /// The model's name; nil if the file is not timm's.
  package private(set) var architecture: String?
  /// Keys of preprocessing; those of `pretrained_cfg` count more.
  private var inputSize: [Double] = []
  private var interpolation = "bicubic"
  private var cropFraction = 0.875
  private var cropMode = "center"
  private var mean = [0.485, 0.456, 0.406]
  private var standardDeviation = [0.229, 0.224, 0.225]
  /// The label of each class, for instance a synset.
  private var labels: [Int: String] = [:]
  /// The description of a label.
  private var words: [String: String] = [:]

  /// Reads the text of the file.
  ///
  /// - Throws: `Fault` if it is no JSON, or a value that is read is of another kind.
  package init(_ bytes: [UInt8]) throws(Fault) {
    do {
      self = try bytes.withUnsafeBytes { bytes in
        var scanner = JSONScanner(bytes)
        var configuration = HubConfiguration()
        try configuration.read(&scanner, isInner: false)
        guard scanner.isAtEnd() else { throw Fault("text follows at byte \(scanner.position)") }
        return configuration
      }
    } catch let fault as Fault {
      throw fault
    } catch {
      throw Fault("\(error)")
    }
  }

  private init() {}

  /// Reads an object: the whole file, or `pretrained_cfg` in it.
  private mutating func read(_ scanner: inout JSONScanner, isInner: Bool) throws(Fault) {
    var isFirst = true
    var inner: HubConfiguration?
    try scanner.expect("{")
    while try scanner.advance(until: "}", isFirst: &isFirst) {
      let key = try scanner.key()
      guard try !scanner.skipNull() else { continue }
      switch key.text {
      case "architecture": architecture = try scanner.string()
      case "pretrained_cfg" where !isInner:
        var configuration = HubConfiguration()
        try configuration.read(&scanner, isInner: true)
        inner = configuration
      case "input_size": inputSize = try scanner.numbers()
      case "interpolation": interpolation = try scanner.string()
      case "crop_pct": cropFraction = try scanner.number() ?? cropFraction
      case "crop_mode": cropMode = try scanner.string()
      case "mean": mean = try scanner.numbers()
      case "std": standardDeviation = try scanner.numbers()
      case "label_names", "labels": labels = try scanner.labels()
      case "label_descriptions": words = try scanner.words()
      default: try scanner.skipValue()
      }
    }
    guard let inner else { return }
    // Labels at the top replace those inside; preprocessing stands inside alone.
    let (top, architecture) = ((labels, words), architecture ?? inner.architecture)
    self = inner
    self.architecture = architecture
    if !top.0.isEmpty { labels = top.0 }
    if !top.1.isEmpty { words = top.1 }
  }
}

extension HubConfiguration {
  /// The names of the classes, in order, and their identifiers if the labels are described; both empty if
  /// the file has no labels.
  ///
  /// - Throws: `Fault` if there are too many.
  package func classes() throws(Fault) -> (names: [String], identifiers: [String]) {
    guard let last = labels.keys.max() else { return ([], []) }
    guard last < 1 << 20 else {
      throw Fault("label_names has a class \(last); 1 to \(1 << 20) classes are expected")
    }
    let names = (0...last).map { labels[$0] ?? "\($0)" }
    return words.isEmpty ? (names, []) : (names.map { words[$0] ?? $0 }, names)
  }

  /// The preprocessing, by PIL.
  ///
  /// - Throws: `Fault` if it is none that this library does.
  package func preset() throws(Fault) -> Preset {
    var preset = Preset.timm
    let names: [String: Resampling.Interpolation] = [
      "bilinear": .bilinear, "bicubic": .bicubic, "box": .area,
      // In training one of both is drawn, in evaluation timm takes the first.
      "random": .bilinear,
    ]
    guard let interpolation = names[interpolation] else {
      throw Fault(
        "interpolation is \"\(printable(interpolation))\"; bilinear, bicubic or box is expected")
    }
    guard cropMode == "center" else {
      throw Fault("crop_mode is \"\(printable(cropMode))\"; \"center\" is expected")
    }
    preset.resampling = Resampling(interpolation)
    if !inputSize.isEmpty {
      guard inputSize.count == 3, inputSize[1] == inputSize[2],
        let side = Int(exactly: inputSize[1]), (1...Preprocessor.maxSide).contains(side)
      else {
        throw Fault(
          "input_size is \(inputSize); channels and twice the same number of pixels are expected")
      }
      preset.crop = side
    }
    guard cropFraction > 0.01, cropFraction <= 16 else {
      throw Fault("crop_pct is \(cropFraction); a number from 0.01 to 16 is expected")
    }
    preset.resizeShort = Int(Double(preset.crop) / cropFraction)
    guard (1...Preprocessor.maxSide).contains(preset.resizeShort) else {
      throw Fault("crop_pct is \(cropFraction), which gives images of \(preset.resizeShort) pixels")
    }
    preset.mean = try Self.colours(mean, "mean")
    preset.standardDeviation = try Self.colours(standardDeviation, "std")
    guard (0..<3).allSatisfy({ preset.standardDeviation[$0] > 0 }) else {
      throw Fault("std is \(standardDeviation); numbers above 0 are expected")
    }
    return preset
  }

  /// Three numbers, or one for all channels.
  private static func colours(_ values: [Double], _ key: String) throws(Fault) -> SIMD3<Float> {
    guard [1, 3].contains(values.count) else {
      throw Fault("\(key) has \(counted(values.count, "number")); 3, or 1 for gray, are expected")
    }
    return SIMD3((0..<3).map { Float(values[$0 % values.count]) })
  }
}

extension JSONScanner {
  fileprivate mutating func numbers() throws(Fault) -> [Double] {
    var numbers: [Double] = []
    var isFirst = true
    try expect("[")
    while try advance(until: "]", isFirst: &isFirst) {
      guard let number = try number(), numbers.count < 16 else {
        throw Fault("a list before byte \(position) is not of a few numbers")
      }
      numbers.append(number)
    }
    return numbers
  }

  /// A list of labels, or an object of them by the number of their class.
  fileprivate mutating func labels() throws(Fault) -> [Int: String] {
    guard !startsObject() else {
      var labels: [Int: String] = [:]
      for (key, label) in try words() {
        guard let index = Int(key), index >= 0 else {
          throw Fault("label_names has \"\(printable(key))\"; the number of a class is expected")
        }
        labels[index] = label
      }
      return labels
    }
    var labels: [Int: String] = [:]
    var isFirst = true
    try expect("[")
    while try advance(until: "]", isFirst: &isFirst) { labels[labels.count] = try string() }
    return labels
  }

  /// An object of strings.
  fileprivate mutating func words() throws(Fault) -> [String: String] {
    var words: [String: String] = [:]
    var isFirst = true
    try expect("{")
    while try advance(until: "}", isFirst: &isFirst) {
      let key = try key()
      words[key.text] = try string()
    }
    return words
  }
}
