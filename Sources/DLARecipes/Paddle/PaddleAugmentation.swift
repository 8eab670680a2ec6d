import DLAData
import DLAModels

extension Augmentation {
  /// Applies an operator that changes the pixels of a crop at random; others are left to the
  /// caller.
  ///
  /// - Throws: `RecipeError` if its settings are not supported, or it comes after one that comes
  ///   later here.
  mutating func follow(_ item: NamedItem) throws(RecipeError) {
    switch item.name {
    case "RandFlipImage":
      guard policy == nil else {
        throw item.error(
          .unsupported,
          "\(item.path) stands behind RandAugment, AutoAugment or TimmAutoAugment; the other order is "
            + "supported")
      }
      _ = try item.section(["flip_code": .only(.integer(1))])
      flip = 0.5
    case "RandAugment", "AutoAugment", "TimmAutoAugment":
      guard jitter == nil, policy == nil else {
        throw item.error(
          .unsupported,
          "\(item.path) stands behind ColorJitter or another policy; one of RandAugment, AutoAugment "
            + "and TimmAutoAugment, before ColorJitter, is supported")
      }
      policy = try AugmentationPolicy(item)
    case "ColorJitter": jitter = try ColorJitter(item)
    case "RandomErasing": erasing = try RandomErasing(item)
    default: return
    }
  }
}

extension RandomResizedCrop {
  /// The use of the keys of `RandCropImage`.
  static let keys: [String: KeyUse] = [
    "size": .read, "scale": .read, "ratio": .read, "use_log_aspect": .read,
    "interpolation": .read, "backend": .read, "progress_size": .unsupported,
  ]

  /// Applies the settings of `RandCropImage`.
  ///
  /// - Throws: `RecipeError` if that can't be done.
  init(_ settings: Section) throws(RecipeError) {
    let resamplings = try settings.resamplings()
    let scale = try settings.bounds("scale", .between(1e-6, 1)) ?? 0.08...1
    let ratio = try settings.bounds("ratio", .between(0.01, 100)) ?? 3.0 / 4...4.0 / 3
    self.init(
      minimumArea: scale.lowerBound, maximumArea: scale.upperBound,
      minimumRatio: ratio.lowerBound, maximumRatio: ratio.upperBound,
      usesLogarithm: try settings.flag("use_log_aspect") ?? false, resamplings: resamplings)
  }
}

extension AugmentationPolicy {
  fileprivate init(_ item: NamedItem) throws(RecipeError) {
    switch item.name {
    case "AutoAugment":
      _ = try item.section([:])
      self = .autoAugment
    case "TimmAutoAugment": self = .timm(try TimmRandAugment(item))
    default: self = .randAugment(try RandAugment(item))
    }
  }
}

extension TimmRandAugment {
  fileprivate init(_ item: NamedItem) throws(RecipeError) {
    let settings = try item.section([
      "config_str": .read, "interpolation": .read, "mean": .read, "prob": .read,
      // Distances are shares of the image in every policy that is supported.
      "img_size": .elsewhere,
    ])
    guard settings.node("config_str") != nil || !settings.has("config_str") else {
      throw settings.error(
        .unsuitableValue, "config_str",
        "\(settings.path(of: "config_str")) is null, with which PaddleClas fails; remove "
          + "TimmAutoAugment or name a policy, for instance rand-m9-mstd0.5-inc1")
    }
    let policy = try settings.text("config_str")
    do throws(AugmentationError) {
      try self.init(policy: policy ?? "rand-m9-mstd0.5-inc1")
    } catch {
      throw settings.error(
        .unsupported, "config_str", "\(settings.path(of: "config_str")): \(error.message)")
    }
    let names = ImageFilter.allCases.map(\.rawValue) + ["random"]
    let name = try settings.name("interpolation", supported: names) ?? "bicubic"
    filters = ImageFilter(rawValue: name).map { [$0] } ?? ImageFilter.allCases
    if let mean = try settings.numbers("mean", .share, count: 3) { fill = Self.fill(mean: mean) }
    probability = try settings.number("prob", .share) ?? 1
  }
}

extension ColorJitter {
  fileprivate init(_ item: NamedItem) throws(RecipeError) {
    let settings = try item.section([
      "brightness": .read, "contrast": .read, "saturation": .read, "hue": .read, "prob": .read,
    ])
    self.init(
      brightness: try settings.number("brightness", .notNegative) ?? 0,
      contrast: try settings.number("contrast", .notNegative) ?? 0,
      saturation: try settings.number("saturation", .notNegative) ?? 0,
      hue: try settings.number("hue", .between(0, 0.5)) ?? 0,
      // PaddleClas's default is 2, which all draws from 0 to 1 are below.
      probability: min(try settings.number("prob", .notNegative) ?? 1, 1))
  }
}

extension RandAugment {
  fileprivate init(_ item: NamedItem) throws(RecipeError) {
    let settings = try item.section([
      "num_layers": .read, "magnitude": .read, "fillcolor": .unsupported,
    ])
    self.init(
      operations: try settings.integer("num_layers", 1...100) ?? 2,
      magnitude: try settings.number("magnitude", .between(0, 10)) ?? 5)
  }
}

extension RandomErasing {
  fileprivate init(_ item: NamedItem) throws(RecipeError) {
    let settings = try item.section([
      "EPSILON": .read, "sl": .read, "sh": .read, "r1": .read, "mean": .read, "attempt": .read,
      "use_log_aspect": .read, "mode": .read,
    ])
    let least = try settings.number("sl", .between(1e-6, 1)) ?? 0.02
    let most = try settings.number("sh", .between(1e-6, 1)) ?? 0.4
    guard least <= most else {
      throw settings.error(
        .unsuitableValue, "sl",
        "\(settings.path(of: "sl")) is above sh; a smaller share is expected")
    }
    let ratio = try settings.number("r1", .between(0.01, 1)) ?? 0.3
    let mean = try settings.numbers("mean", .between(-1e6, 1e6), count: 3) ?? [0, 0, 0]
    let fills: [String: Fill] = [
      "const": .constant(SIMD3(mean.map { Float($0) })), "rand": .channels, "pixel": .pixels,
    ]
    let mode = try settings.name("mode", supported: fills.keys.sorted()) ?? "const"
    self.init(
      probability: try settings.number("EPSILON", .share) ?? 0.5, minimumArea: least,
      maximumArea: most, minimumRatio: ratio, maximumRatio: 1 / ratio,
      usesLogarithm: try settings.flag("use_log_aspect") ?? false,
      attempts: try settings.integer("attempt", 1...1000) ?? 100,
      fill: fills[mode] ?? .constant())
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

  /// Whose arithmetic decodes or resizes; OpenCV's is PaddleClas's default.
  func backend() throws(RecipeError) -> ImageConvention {
    guard let name = try text("backend"), name.lowercased() != "cv2" else { return .opencv }
    if name.lowercased() == "pil" { return .pil }
    _ = try self.name("backend", supported: ["cv2", "pil"])
    return .opencv
  }

  /// The interpolations of an operator that resizes; two if it draws one.
  func resamplings() throws(RecipeError) -> [Resampling] {
    let backend = try backend()
    let area = backend == .pil ? "box" : "area"
    let known: [String: [Resampling.Interpolation]] = [
      "bilinear": [.bilinear], "bicubic": [.bicubic], "random": [.bilinear, .bicubic],
      area: [.area],
    ]
    let name =
      try name(
        "interpolation", supported: known.keys.sorted(),
        known: ["nearest", "lanczos", "hamming", "area", "box"]) ?? "bilinear"
    return known[name, default: []].map {
      Resampling($0, convention: backend == .opencv ? nil : backend)
    }
  }
}
