import DLAModels

extension PaddleAugmentation.Operation {
  /// Reads an operator that changes samples at random; nil if it is none of those.
  ///
  /// - Parameter item: the operator.
  /// - Throws: `RecipeError` if its settings can't be followed.
  init?(_ item: NamedItem) throws(RecipeError) {
    switch item.name {
    case "RandCropImage": self = .resizedCrop(try .init(item))
    case "ColorJitter": self = .colorJitter(try .init(item))
    case "RandAugment": self = .randAugment(try .init(item))
    case "TimmAutoAugment": self = .timmAutoAugment(try .init(item))
    case "RandomErasing": self = .erasing(try .init(item))
    default: return nil
    }
  }
}

extension PaddleAugmentation.ResizedCrop {
  fileprivate init(_ item: NamedItem) throws(RecipeError) {
    let settings = try item.section([
      "size": .read, "scale": .read, "ratio": .read, "use_log_aspect": .read,
      "interpolation": .read, "backend": .read, "progress_size": .unsupported,
    ])
    side = try settings.networkSide("size")
    scale = try settings.bounds("scale", .between(1e-6, 1)) ?? 0.08...1
    ratio = try settings.bounds("ratio", .between(0.01, 100)) ?? 3.0 / 4...4.0 / 3
    drawsLogarithm = try settings.flag("use_log_aspect") ?? false
    backend = try settings.backend(supported: ["cv2", "pil"])
    interpolation =
      try settings.name(
        "interpolation",
        supported: ["nearest", "bilinear", "bicubic", "lanczos", "random"]
          + (backend == "cv2" ? ["area"] : ["box", "hamming"])) ?? "bilinear"
  }
}

extension PaddleAugmentation.ColorJitter {
  fileprivate init(_ item: NamedItem) throws(RecipeError) {
    let settings = try item.section([
      "brightness": .read, "contrast": .read, "saturation": .read, "hue": .read, "prob": .read,
    ])
    brightness = try settings.number("brightness", .notNegative) ?? 0
    contrast = try settings.number("contrast", .notNegative) ?? 0
    saturation = try settings.number("saturation", .notNegative) ?? 0
    hue = try settings.number("hue", .between(0, 0.5)) ?? 0
    // PaddleClas's default is 2, which all draws from 0 to 1 are below.
    probability = min(try settings.number("prob", .notNegative) ?? 1, 1)
  }
}

extension PaddleAugmentation.RandAugment {
  fileprivate init(_ item: NamedItem) throws(RecipeError) {
    let settings = try item.section([
      "num_layers": .read, "magnitude": .read, "fillcolor": .unsupported,
    ])
    layers = try settings.integer("num_layers", 1...100) ?? 2
    magnitude = try settings.number("magnitude", .between(0, 10)) ?? 5
  }
}

extension PaddleAugmentation.TimmAutoAugment {
  fileprivate init(_ item: NamedItem) throws(RecipeError) {
    let settings = try item.section([
      "config_str": .read, "interpolation": .read, "img_size": .read, "prob": .read,
      "mean": .unsupported,
    ])
    policy = try settings.text("config_str") ?? "rand-m9-mstd0.5-inc1"
    interpolation =
      try settings.name("interpolation", supported: ["bilinear", "bicubic", "random"]) ?? "bicubic"
    side = try settings.side("img_size", 1...4096) ?? 224
    probability = try settings.number("prob", .share) ?? 1
  }
}

extension PaddleAugmentation.Erasing {
  fileprivate init(_ item: NamedItem) throws(RecipeError) {
    let settings = try item.section([
      "EPSILON": .read, "sl": .read, "sh": .read, "r1": .read, "mean": .read, "attempt": .read,
      "use_log_aspect": .read, "mode": .read,
    ])
    probability = try settings.number("EPSILON", .share) ?? 0.5
    let least = try settings.number("sl", .between(1e-6, 1)) ?? 0.02
    let most = try settings.number("sh", .between(1e-6, 1)) ?? 0.4
    guard least <= most else {
      throw settings.error(
        .unsuitableValue, "sl",
        "\(settings.path(of: "sl")) is above sh; a smaller share is expected")
    }
    area = least...most
    leastRatio = try settings.number("r1", .between(0.01, 1)) ?? 0.3
    drawsLogarithm = try settings.flag("use_log_aspect") ?? false
    attempts = try settings.integer("attempt", 1...10_000) ?? 100
    let fills = Fill.allCases.map(\.rawValue)
    fill = Fill(rawValue: try settings.name("mode", supported: fills) ?? "const") ?? .const
    mean = try settings.numbers("mean", .any, count: 3) ?? [0, 0, 0]
  }
}

extension Section {
  /// Two bounds, the lower first; nil if they are missing or null.
  fileprivate func bounds(
    _ key: String, _ range: NumberRange
  ) throws(RecipeError) -> ClosedRange<Double>? {
    guard let node = node(key), let bounds = try numbers(key, range, count: 2) else { return nil }
    guard bounds[0] <= bounds[1] else {
      throw unsuitable(key, node, "two bounds, the lower first,")
    }
    return bounds[0]...bounds[1]
  }

  /// The side of images for a network; one must be there.
  func networkSide(_ key: String) throws(RecipeError) -> Int {
    let multiple = Variant.sideMultiple
    guard let node = node(key), let side = try side(key, multiple...4096) else {
      throw missing(key, "a whole number")
    }
    guard side % multiple == 0 else { throw unsuitable(key, node, "a multiple of \(multiple)") }
    return side
  }

  /// The library that decodes or resizes; `cv2` unless the file says otherwise.
  func backend(supported: [String]) throws(RecipeError) -> String {
    guard let name = try text("backend") else { return "cv2" }
    let lower = name.lowercased()
    guard !supported.contains(lower) else { return lower }
    return try self.name("backend", supported: supported, known: ["cv2", "pil", "PIL"]) ?? "cv2"
  }
}
