import DeepLayerAggregation

/// How pictures are changed at random while a network learns from them.
enum AugmentationOptions {
  static let options = [
    Option(
      "--random-crop", "padded|centre",
      "padded: any square of the resized picture; centre: as evaluated."),
    Option(
      "--padding", "PIXELS", "Black pixels around the picture for padded. Default: an eighth."),
    Option("--flip", "X", "Share of pictures that are mirrored. Default: 0.5."),
  ]

  /// Changes an augmentation as the options say.
  static func apply(
    _ arguments: Arguments, crop: Int, to augmentation: inout Augmentation
  ) throws {
    switch try arguments.choice("--random-crop", of: ["padded", "centre"]) {
    case "padded":
      augmentation.crop = .padded(try arguments.integer("--padding", in: 0...4096) ?? crop / 8)
    case "centre": augmentation.crop = .centre
    default: break
    }
    augmentation.flip = try arguments.number("--flip", in: 0...1) ?? augmentation.flip
  }
}
