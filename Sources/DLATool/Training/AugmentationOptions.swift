import DLAData
import DLATraining
import DeepLayerAggregation

enum AugmentationOptions {
  static let options = [
    Option(
      "--random-crop", "resized|padded|center",
      "resized: random area and aspect ratio (RandomResizedCrop); padded: random crop of the padded "
        + "image; center: as in evaluation. Default: resized."),
    Option(
      "--train-crop", "PIXELS", "Side of training crops, a multiple of 32. Default: that of --crop."
    ),
    Option(
      "--train-interpolation", "bilinear|bicubic|area|random",
      "resized: interpolation; random: bilinear or bicubic. Default: that of --interpolation."),
    Option("--scale", "LOW,HIGH", "resized: range of the area. Default: 0.08,1."),
    Option("--ratio", "LOW,HIGH", "resized: range of the aspect ratio. Default: 0.75,1.3333."),
    Option("--padding", "PIXELS", "padded: black pixels on each side. Default: 1/8 of --crop."),
    Option("--flip", "X", "Probability of a horizontal flip. Default: 0.5."),
    Option(
      "--color-jitter", "B,C,S,H",
      "Strengths for brightness, contrast, saturation and hue, for instance 0.4,0.4,0.4,0."),
    Option("--rand-augment", "N,M", "RandAugment: N operations of magnitude M, 0 to 10."),
    Option(
      "--aa", "POLICY",
      "timm's policy, for instance rand-m9-mstd0.5-inc1, or imagenet for AutoAugment."),
    Option("--erasing", "X", "Probability of random erasing. Default: 0."),
  ]

  static func apply(
    _ arguments: Arguments, preset: Preset, to recipe: inout TrainingRecipe
  ) throws {
    if let side = try arguments.integer("--train-crop", in: 1...4096) {
      guard side % Variant.sideMultiple == 0 else {
        throw UsageError(
          "--train-crop is \(side) pixels; a multiple of \(Variant.sideMultiple) is expected")
      }
      recipe.crop = side
    } else if arguments.has("--crop") {
      recipe.crop = nil
    }
    try applyCrop(arguments, preset, side: recipe.crop ?? preset.crop, to: &recipe.augmentation)
    try applyChanges(arguments, preset: preset, to: &recipe.augmentation)
  }

  private static func applyCrop(
    _ arguments: Arguments, _ preset: Preset, side: Int, to augmentation: inout Augmentation
  ) throws {
    let kind = try arguments.choice("--random-crop", of: ["resized", "padded", "center"])
    for (option, owner) in [
      ("--scale", "resized"), ("--ratio", "resized"), ("--train-interpolation", "resized"),
      ("--padding", "padded"),
    ] where arguments.has(option) && (kind ?? "resized") != owner {
      throw UsageError("\(option) applies to --random-crop \(owner)")
    }
    switch kind {
    case "padded":
      augmentation.crop = .padded(try arguments.integer("--padding", in: 0...4096) ?? side / 8)
    case "center": augmentation.crop = .centre
    case "resized": augmentation.crop = .resized(RandomResizedCrop())
    default: break
    }
    if case .resized(var resized) = augmentation.crop {
      if let scale = try arguments.numbers("--scale", count: 2) {
        (resized.minimumArea, resized.maximumArea) = (scale[0], scale[1])
      }
      if let ratio = try arguments.numbers("--ratio", count: 2) {
        (resized.minimumRatio, resized.maximumRatio) = (ratio[0], ratio[1])
      }
      let interpolations = Resampling.Interpolation.allCases.map(\.rawValue)
      if let name = try arguments.choice("--train-interpolation", of: interpolations + ["random"]) {
        let drawn = Resampling.Interpolation(rawValue: name).map { [$0] } ?? [.bilinear, .bicubic]
        resized.resamplings = drawn.map { Resampling($0, convention: preset.resampling.convention) }
      }
      augmentation.crop = .resized(resized)
    }
  }

  private static func applyChanges(
    _ arguments: Arguments, preset: Preset, to augmentation: inout Augmentation
  ) throws {
    augmentation.flip = try arguments.number("--flip", in: 0...1) ?? augmentation.flip
    if let jitter = try arguments.numbers("--color-jitter", count: 4) {
      augmentation.jitter = ColorJitter(
        brightness: jitter[0], contrast: jitter[1], saturation: jitter[2], hue: jitter[3])
    }
    if let numbers = try arguments.numbers("--rand-augment", count: 2) {
      guard let operations = Int(exactly: numbers[0]) else {
        throw UsageError("--rand-augment starts with \(numbers[0]); a whole number is expected")
      }
      augmentation.policy = .randAugment(
        RandAugment(operations: operations, magnitude: numbers[1]))
    }
    if let name = arguments["--aa"] {
      guard !arguments.has("--rand-augment") else {
        throw UsageError("--aa and --rand-augment exclude each other")
      }
      augmentation.policy = try policy(name, preset)
    }
    if let probability = try arguments.number("--erasing", in: 0...1), probability > 0 {
      augmentation.erasing = RandomErasing(probability: probability)
    }
  }

  private static func policy(_ name: String, _ preset: Preset) throws -> AugmentationPolicy {
    guard name != "imagenet" else { return .autoAugment }
    do throws(AugmentationError) {
      var policy = try TimmRandAugment(policy: name)
      policy.fill = TimmRandAugment.fill(mean: (0..<3).map { Double(preset.mean[$0]) })
      return .timm(policy)
    } catch {
      throw UsageError("--aa: \(error.message)")
    }
  }
}
