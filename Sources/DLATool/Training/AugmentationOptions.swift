import DLAData
import DeepLayerAggregation

/// How images are changed at random while a network learns from them.
enum AugmentationOptions {
  static let options = [
    Option(
      "--random-crop", "resized|padded|centre",
      "resized: a part of random area and proportions; padded: any square of the resized image "
        + "with black around; centre: as evaluated. Default: resized."),
    Option("--scale", "LOW,HIGH", "Shares of the area for resized. Default: 0.08,1."),
    Option("--ratio", "LOW,HIGH", "Proportions for resized. Default: 0.75,1.3333."),
    Option("--padding", "PIXELS", "Black pixels around for padded. Default: an eighth of --crop."),
    Option("--flip", "X", "Share of images that are mirrored. Default: 0.5."),
    Option(
      "--color-jitter", "B,C,S,H",
      "How far brightness, contrast, saturation and hue vary, for instance 0.4,0.4,0.4,0."),
    Option("--rand-augment", "N,M", "N operations of magnitude M (0 to 10) each image."),
    Option("--erasing", "X", "Share of images of which a part is erased. Default: 0."),
  ]

  /// Changes an augmentation as the options say.
  static func apply(
    _ arguments: Arguments, crop: Int, to augmentation: inout Augmentation
  ) throws {
    let kind = try arguments.choice("--random-crop", of: ["resized", "padded", "centre"])
    for (option, owner) in [
      ("--scale", "resized"), ("--ratio", "resized"), ("--padding", "padded"),
    ] where arguments.has(option) && (kind ?? "resized") != owner {
      throw UsageError("\(option) is for --random-crop \(owner)")
    }
    switch kind {
    case "padded":
      augmentation.crop = .padded(try arguments.integer("--padding", in: 0...4096) ?? crop / 8)
    case "centre": augmentation.crop = .centre
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
      augmentation.crop = .resized(resized)
    }
    augmentation.flip = try arguments.number("--flip", in: 0...1) ?? augmentation.flip
    if let jitter = try arguments.numbers("--color-jitter", count: 4) {
      augmentation.jitter = ColorJitter(
        brightness: jitter[0], contrast: jitter[1], saturation: jitter[2], hue: jitter[3])
    }
    if let numbers = try arguments.numbers("--rand-augment", count: 2) {
      guard let operations = Int(exactly: numbers[0]) else {
        throw UsageError("--rand-augment begins with \(numbers[0]); a whole number is expected")
      }
      augmentation.randAugment = RandAugment(
        operations: operations, magnitude: numbers[1])
    }
    if let probability = try arguments.number("--erasing", in: 0...1), probability > 0 {
      augmentation.erasing = RandomErasing(probability: probability)
    }
  }
}
